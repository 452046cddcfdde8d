# expect: full
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, line, about)
