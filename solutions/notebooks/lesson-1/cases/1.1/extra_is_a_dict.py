# expect: fail extra-not-json
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    port=me.shop.port,
    schema=me.shop.database,
    login=me.shop.user,
    password=me.shop.password,
    extra={"application_name": me.word("desk")},
)
