# expect: partial no-application-name
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    port=me.shop.port,
    schema=me.shop.database,
    login=me.shop.user,
    password=me.shop.password,
)
