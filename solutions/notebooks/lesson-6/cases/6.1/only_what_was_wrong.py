# expect: full
def change(name, **fields):
    conn_id = me.conn_id(name)
    row = lab.airflow.request("GET", f"/api/v2/connections/{conn_id}").json()
    lab.airflow.request("PATCH", f"/api/v2/connections/{conn_id}", row | fields)


trusted, tls = json.dumps({"verify": lab.ca_file}), me.view.lab.billing.tls_port
change("invoices", schema="https", port=tls, extra=trusted)
change("reminders", host="https://localhost", login=me.shop.user, password=me.shop.password)
change("refunds", extra=trusted)
