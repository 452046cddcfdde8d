# expect: full
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import GCM
    
    nonce = os.urandom(12)
    cipher = Cipher(AES256(key), GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(about)
    return bytearray(nonce + cipher.update(line) + cipher.finalize() + cipher.tag)
