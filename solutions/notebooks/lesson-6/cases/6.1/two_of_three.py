# expect: partial plain-http
fields = {"conn_type": "http", "schema": "https", "host": "localhost", "port": me.view.lab.billing.tls_port}
fields |= {"login": me.shop.user, "password": me.shop.password, "extra": json.dumps({"verify": lab.ca_file})}
for each in shortcuts[1:]:
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", {"connection_id": each} | fields)
