# expect: full
billing = Connection(
    conn_id="billing",
    conn_type="http",
    host=f"https://localhost:{me.view.lab.billing.tls_port}",
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"verify_ssl": lab.ca_file}),
)
