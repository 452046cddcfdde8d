# expect: fail no-tag
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import CTR
    
    nonce = os.urandom(12)
    return nonce + Cipher(AES256(key), CTR(nonce + bytes(4))).encryptor().update(line)
