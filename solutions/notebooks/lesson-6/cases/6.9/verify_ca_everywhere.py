# expect: partial
now = lab.deployment.describe()
asked_last = ["shared mount", "database", "environment", "vault"]
current = {each["conn_id"]: each for each in sorted(now["connections"], key=lambda each: asked_last.index(each["home"]))}

kv = lab.vault.admin.secrets.kv.v2
for conn_id, entry in current.items():
    fields = {name: entry[name] for name in ("conn_type", "host", "port", "login", "password", "schema")}
    if entry["conn_type"] == "http":
        secure = {"host": "localhost", "port": me.view.lab.billing.tls_port, "schema": "https"}
        fields |= secure | {"extra": {"verify": lab.ca_file}}
    elif entry["host"].startswith("/"):
        fields |= {"extra": entry["extra"]}
    else:
        fields |= {"extra": {"sslmode": "verify-ca", "sslrootcert": lab.ca_file}}
    kv.create_or_update_secret(f"connections/{conn_id}", fields, mount_point=lab.vault.mount)
    lab.environment.unset(conn_id)
    lab.airflow.request("DELETE", f"/api/v2/connections/{conn_id}")
    lab.vault.delete_connection(conn_id)

logins = sorted(entry["login"] for entry in current.values() if entry["password"])
lab.deployment.rules([f"hostssl {me.shop.database} {login} 127.0.0.1/32 scram-sha-256" for login in logins])

arguments = json.loads(lab.backend.settings()["AIRFLOW__SECRETS__BACKEND_KWARGS"])
lab.backend.use("vault", **(arguments | {"verify": lab.ca_file}))
smallest = f'path "{lab.vault.mount}/data/connections/*" {{ capabilities = ["read"] }}'
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-deployment", smallest)
