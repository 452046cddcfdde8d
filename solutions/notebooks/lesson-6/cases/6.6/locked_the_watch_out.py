# expect: fail watch-locked-out
lab.airflow.run_dag("renew_certificate", {"team": me.team})
server.rules(f"hostssl all {me.view.prefix} all scram-sha-256", f"hostssl all loader_{me.team} 127.0.0.1/32 scram-sha-256")
server.reload()
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
