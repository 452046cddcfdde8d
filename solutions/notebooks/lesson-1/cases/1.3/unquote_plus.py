# expect: fail plus-for-space
from urllib.parse import parse_qsl, unquote_plus, urlsplit


def decode(uri: str) -> dict:
    parts = urlsplit(uri)
    return {
        "conn_type": parts.scheme,
        "login": unquote_plus(parts.username) if parts.username else None,
        "password": unquote_plus(parts.password) if parts.password else None,
        "host": parts.hostname,
        "port": parts.port,
        "schema": unquote_plus(parts.path[1:]) or None,
        "extra": dict(parse_qsl(parts.query)),
    }
