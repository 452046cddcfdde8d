# expect: full
value = json.dumps(
    {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": me.shop.port,
        "schema": me.shop.database,
        "login": me.shop.user,
        "password": me.shop.password,
        "extra": {"sslmode": "require"},
    }
)
airflow_command("connections", "add", me.conn_id("shop"), "--conn-json", value)
