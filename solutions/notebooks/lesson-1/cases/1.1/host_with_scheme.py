# expect: fail wrong-host
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=f"postgres://{me.shop.host}",
    port=me.shop.port,
    schema=me.shop.database,
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"application_name": me.word("desk")}),
)
