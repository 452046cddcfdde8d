# expect: full
for each in shortcuts:
    fields = {"connection_id": each, "conn_type": "http", "host": f"https://localhost:{me.view.lab.billing.tls_port}"}
    fields |= {"login": me.shop.user, "password": me.shop.password, "extra": json.dumps({"verify": lab.ca_file, "timeout": 10})}
    lab.airflow.request("DELETE", f"/api/v2/connections/{each}")
    lab.airflow.request("POST", "/api/v2/connections", fields)
