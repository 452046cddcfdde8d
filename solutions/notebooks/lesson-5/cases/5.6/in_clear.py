# expect: fail in-clear
billing = Connection(
    conn_id="billing",
    conn_type="http",
    host="localhost",
    port=me.view.lab.billing.port,
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"verify": lab.ca_file}),
)
