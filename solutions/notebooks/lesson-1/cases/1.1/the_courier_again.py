# expect: fail other-login
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.courier.host,
    port=me.courier.port,
    schema=me.courier.database,
    login=me.courier.user,
    password=me.courier.password,
    extra=json.dumps({"application_name": me.word("desk")}),
)
