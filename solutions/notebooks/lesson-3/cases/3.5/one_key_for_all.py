# expect: fail share-used-twice
mine_forever = X25519PrivateKey.generate()


def agree(port: int) -> bytes:
    mine = mine_forever
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(mine.public_key().public_bytes_raw())
        theirs = receive(link, 32)
    secret = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    return derive(secret, b"airlock depot")
