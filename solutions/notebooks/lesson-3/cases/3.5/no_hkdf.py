# expect: fail no-kdf
def agree(port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(mine.public_key().public_bytes_raw())
        theirs = receive(link, 32)
    secret = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    return secret
