# expect: fail does-not-open
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = os.urandom(16)
    return nonce + AESGCM(key).encrypt(nonce, line, about)
