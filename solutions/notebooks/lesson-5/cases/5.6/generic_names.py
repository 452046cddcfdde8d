# expect: fail other-providers-name
billing = Connection(
    conn_id="billing",
    conn_type="http",
    host="localhost",
    port=me.view.lab.billing.tls_port,
    schema="https",
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"ssl_ca_cert": lab.ca_file}),
)
