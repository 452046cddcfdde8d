# expect: full
import hmac


def agree(port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    link = socket.create_connection(("127.0.0.1", port))
    link.send(mine.public_key().public_bytes_raw())
    theirs = link.recv(32, socket.MSG_WAITALL)
    link.close()
    extracted = hmac.digest(bytes(32), mine.exchange(X25519PublicKey.from_public_bytes(theirs)), "sha256")
    return hmac.digest(extracted, b"airlock depot" + bytes([1]), "sha256")
