# expect: fail no-dict
def decode(uri: str) -> dict:
    return Connection(conn_id="x", uri=uri)
