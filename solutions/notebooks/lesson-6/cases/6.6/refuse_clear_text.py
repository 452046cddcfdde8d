# expect: full
lab.airflow.run_dag("renew_certificate", {"team": me.team})
server.rules("hostnossl all all all reject", "host all all 127.0.0.1/32 scram-sha-256")
server.reload()
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
