# expect: full
from urllib.parse import unquote


def decode(uri: str) -> dict:
    scheme, _, rest = uri.partition("://")
    rest, _, query = rest.partition("?")
    rest, _, schema = rest.partition("/")
    who, _, where = rest.rpartition("@")
    login, _, password = who.partition(":")
    host, _, port = where.partition(":")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return {
        "conn_type": scheme,
        "login": unquote(login),
        "password": unquote(password),
        "host": host,
        "port": int(port) if port else None,
        "schema": unquote(schema),
        "extra": {key: unquote(value) for key, _, value in pairs},
    }
