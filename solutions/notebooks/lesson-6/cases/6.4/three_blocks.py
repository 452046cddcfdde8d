# expect: full
for _ in range(3):
    with lab.callers(2) as seen:
        lab.airflow.run_dag("renew_certificate", {"team": me.team})
