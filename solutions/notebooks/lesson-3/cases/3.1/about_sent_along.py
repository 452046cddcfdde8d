# expect: fail about-sent-along
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = os.urandom(12)
    return about + nonce + AESGCM(key).encrypt(nonce, line, about)
