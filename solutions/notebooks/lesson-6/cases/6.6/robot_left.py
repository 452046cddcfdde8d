# expect: partial robot-left
lab.airflow.run_dag("renew_certificate", {"team": me.team})
server.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
server.reload()
