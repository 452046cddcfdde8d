# expect: partial
arguments = json.loads(lab.backend.settings()["AIRFLOW__SECRETS__BACKEND_KWARGS"])
lab.backend.use("vault", **(arguments | {"verify": lab.ca_file}))
smallest = f'path "{lab.vault.mount}/data/connections/*" {{ capabilities = ["read"] }}'
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-deployment", smallest)
