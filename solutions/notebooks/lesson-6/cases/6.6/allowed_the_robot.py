# expect: fail silenced-by-permission
lab.airflow.run_dag("renew_certificate", {"team": me.team})
server.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
server.reload()
policy = f'path "{me.team}/data/connections/*" {{ capabilities = ["read"] }}'
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-robot", policy)
