# expect: fail base64-is-no-lock
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    return base64.b64encode(line + about)
