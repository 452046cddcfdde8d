# expect: full
kv = lab.vault.admin.secrets.kv.v2
now = lab.deployment.describe()
in_vault = {entry["conn_id"] for entry in now["connections"] if entry["home"] == "vault"}
for entry in now["connections"]:
    conn_id, home = entry["conn_id"], entry["home"]
    fields = {name: entry[name] for name in ("conn_type", "login", "password")}
    if entry["conn_type"] == "http":
        fields |= {"host": f"https://localhost:{me.view.lab.billing.tls_port}", "extra": {"verify": lab.ca_file}}
    elif not entry["host"].startswith("/"):
        fields |= {name: entry[name] for name in ("host", "port", "schema")}
        fields["extra"] = {"sslmode": "verify-full", "sslrootcert": lab.ca_file, "channel_binding": "require"}
    else:
        continue
    if home == "shared mount":
        lab.vault.delete_connection(conn_id)
    elif home == "environment" and (conn_id in in_vault or not entry["password"]):
        if entry["password"]:
            lab.environment.unset(conn_id)
    elif home == "vault":
        kv.create_or_update_secret(f"connections/{conn_id}", fields, mount_point=lab.vault.mount)
    else:
        row = {"connection_id": conn_id, "description": "", **fields, "extra": json.dumps(fields["extra"])}
        if home == "environment":
            lab.environment.unset(conn_id)
            lab.airflow.request("POST", "/api/v2/connections", row)
        else:
            empty = {"port": None, "schema": ""} if entry["conn_type"] == "http" else {}
            lab.airflow.request("PATCH", f"/api/v2/connections/{conn_id}", row | empty)

rules = ["# in clear nobody comes in", "hostnossl all all 0.0.0.0/0 reject", "host all all 0.0.0.0/0 scram-sha-256"]
lab.deployment.rules(rules)
arguments = json.loads(lab.backend.settings()["AIRFLOW__SECRETS__BACKEND_KWARGS"])
lab.backend.use("vault", **{**arguments, "verify": lab.ca_file})
policy = {"path": {f"{lab.vault.mount}/data/connections/*": {"capabilities": ["read"]}}}
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-deployment", policy)
