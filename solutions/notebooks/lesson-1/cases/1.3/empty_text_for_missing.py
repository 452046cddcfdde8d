# expect: full
from urllib.parse import parse_qsl, unquote, urlsplit


def decode(uri: str) -> dict:
    parts = urlsplit(uri)
    return {
        "conn_type": parts.scheme,
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "host": parts.hostname,
        "port": parts.port,
        "schema": unquote(parts.path[1:]),
        "extra": dict(parse_qsl(parts.query)) or None,
    }
