# expect: fail blinded
lab.airflow.run_dag("renew_certificate", {"team": me.team})
server.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
server.reload()
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
server.configure(log_min_messages="panic")
server.reload()
