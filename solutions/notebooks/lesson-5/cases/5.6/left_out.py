# expect: fail authority-not-told
billing = Connection(
    conn_id="billing",
    conn_type="http",
    host="localhost",
    port=me.view.lab.billing.tls_port,
    schema="https",
    login=me.shop.user,
    password=me.shop.password,
)
