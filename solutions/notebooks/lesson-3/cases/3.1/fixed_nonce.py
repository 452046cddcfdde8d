# expect: fail nonce-repeats
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    return bytes(12) + AESGCM(key).encrypt(bytes(12), line, about)
