# expect: fail nonce-missing
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    return AESGCM(key).encrypt(os.urandom(12), line, about)
