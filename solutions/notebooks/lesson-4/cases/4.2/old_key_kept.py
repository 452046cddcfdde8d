# expect: partial old-key-kept
with lab.steady(watched):
    lab.fernet.configure(Fernet.generate_key().decode(), *lab.fernet.keys())
    for each in lab.metadata.rows():
        path = f"/api/v2/connections/{each['conn_id']}"
        lab.airflow.request("PATCH", path, lab.airflow.request("GET", path).json())
