# expect: fail schema-is-the-database
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    port=me.shop.port,
    schema="public",
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"application_name": me.word("desk")}),
)
