# expect: fail deleted
for each in shortcuts[:2]:
    lab.airflow.request("DELETE", f"/api/v2/connections/{each}")
