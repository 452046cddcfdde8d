# expect: fail not-under-load
lab.airflow.run_dag("renew_certificate", {"team": me.team})
with lab.callers():
    lab.airflow.run_dag("renew_certificate", {"team": me.team})
lab.airflow.run_dag("renew_certificate", {"team": me.team})
