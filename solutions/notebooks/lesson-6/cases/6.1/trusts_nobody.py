# expect: fail no-trust
fields = {"conn_type": "http", "schema": "https", "host": "localhost", "port": me.view.lab.billing.tls_port}
fields |= {"login": me.shop.user, "password": me.shop.password, "extra": json.dumps({"verify": True})}
for each in shortcuts:
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", {"connection_id": each} | fields)
