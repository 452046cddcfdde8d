# expect: fail part-lost
from urllib.parse import parse_qsl, unquote, urlsplit


def decode(uri: str) -> dict:
    parts = urlsplit(unquote(uri))
    return {
        "conn_type": parts.scheme,
        "login": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "host": parts.hostname,
        "port": parts.port,
        "schema": unquote(parts.path[1:]) or None,
        "extra": dict(parse_qsl(parts.query)),
    }
