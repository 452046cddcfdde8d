# expect: full
fields = json.loads(lab.environment.connections()[moving.upper()])
kv = lab.vault.admin.secrets.kv.v2
kv.create_or_update_secret(f"connections/{moving}", {**fields, "port": str(fields["port"])}, mount_point=lab.vault.mount)
own = f'path "{lab.vault.mount}/data/connections/+" {{ capabilities = ["read"] }}'
lab.backend.use("vault", **robot(own), variables_path=None, config_path=None, kv_engine_version=2)
lab.environment.unset(moving)
lab.airflow.request("DELETE", f"/api/v2/connections/{moving}")
lab.vault.delete_connection(moving)
