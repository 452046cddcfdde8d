# expect: full
with lab.callers(5):
    for _ in range(5):
        lab.airflow.run_dag("renew_certificate", {"team": me.team})
