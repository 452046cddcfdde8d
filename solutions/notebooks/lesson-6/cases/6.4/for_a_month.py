# expect: fail lives-long
lab.pki.open(ttl="720h")
with lab.callers():
    for _ in range(3):
        lab.airflow.run_dag("renew_certificate", {"team": me.team})
