# expect: fail no-password
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    port=me.shop.port,
    schema=me.shop.database,
    login=me.shop.user,
    extra=json.dumps({"application_name": me.word("desk")}),
)
