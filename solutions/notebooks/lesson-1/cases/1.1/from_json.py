# expect: full
shop = Connection.from_json(
    json.dumps(
        {
            "conn_type": "postgres",
            "host": "localhost",
            "port": str(me.shop.port),
            "schema": me.shop.database,
            "login": me.shop.user,
            "password": me.shop.password,
            "extra": {"application_name": me.word("desk")},
        }
    ),
    conn_id="shop",
)
