# expect: fail fernet-token
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    return Fernet(base64.urlsafe_b64encode(key)).encrypt(line)
