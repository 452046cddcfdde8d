# expect: fail text-for-bytes
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    nonce = os.urandom(12)
    return (nonce + AESGCM(key).encrypt(nonce, line, about)).hex()
