# expect: fail look-ups-failed
with lab.steady(watched):
    lab.fernet.configure(Fernet.generate_key().decode(), *lab.fernet.keys())
    lab.airflow.request("DELETE", f"/api/v2/connections/{watched}")
    time.sleep(1)
