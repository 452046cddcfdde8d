# expect: fail nonce-repeats
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = hashlib.sha256(line).digest()[:12]
    return nonce + AESGCM(key).encrypt(nonce, line, about)
