# expect: fail unknown-option
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    port=me.shop.port,
    schema=me.shop.database,
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"application_name": me.word("desk"), "ssl_ca_cert": "/etc/ca.pem"}),
)
