# expect: fail arguments-swapped
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, about, line)
