# expect: fail no-port
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    schema=me.shop.database,
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"application_name": me.word("desk")}),
)
