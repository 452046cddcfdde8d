# expect: fail does-not-work
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-deployment", 'path "none" { capabilities = ["read"] }')
for entry in lab.deployment.describe()["connections"]:
    lab.environment.set(entry["conn_id"], json.dumps({"conn_type": entry["conn_type"], "host": "/run/nothing"}))
stolen = 0
