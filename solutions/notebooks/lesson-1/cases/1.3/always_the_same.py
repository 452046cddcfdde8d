# expect: cheat
def decode(uri: str) -> dict:
    return {
        "conn_type": "postgres",
        "login": me.courier.user,
        "password": me.courier.password,
        "host": "localhost",
        "port": 5432,
        "schema": "shop",
        "extra": {},
    }
