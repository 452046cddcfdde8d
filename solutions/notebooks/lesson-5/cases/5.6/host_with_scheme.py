# expect: full
billing = Connection(
    conn_id="billing",
    conn_type="http",
    host="https://localhost",
    port=me.view.lab.billing.tls_port,
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"verify": lab.ca_file}),
)
