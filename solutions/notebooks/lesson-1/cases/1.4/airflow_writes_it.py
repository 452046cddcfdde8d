# expect: full
fixed = Connection(
    conn_id="x",
    conn_type="postgres",
    host="127.0.0.1",
    port=me.courier.port,
    schema=me.courier.database,
    login=me.courier.user,
    password=me.courier.password,
    extra=json.dumps({"application_name": broken.split("=")[-1], "connect_timeout": 5}),
)
fixed_uri = fixed.get_uri()
