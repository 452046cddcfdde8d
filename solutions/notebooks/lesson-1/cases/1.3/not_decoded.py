# expect: fail not-decoded
from urllib.parse import parse_qsl, unquote, urlsplit


def decode(uri: str) -> dict:
    parts = urlsplit(uri)
    return {
        "conn_type": parts.scheme,
        "login": parts.username,
        "password": parts.password,
        "host": parts.hostname,
        "port": parts.port,
        "schema": parts.path[1:],
        "extra": dict(parse_qsl(parts.query)),
    }
