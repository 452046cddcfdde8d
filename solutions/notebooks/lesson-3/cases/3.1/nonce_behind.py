# expect: fail nonce-at-the-end
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = os.urandom(12)
    return AESGCM(key).encrypt(nonce, line, about) + nonce
