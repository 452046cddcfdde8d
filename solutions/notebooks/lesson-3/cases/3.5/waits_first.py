# expect: fail nothing-sent
def agree(port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        theirs = receive(link, 32)
        link.sendall(mine.public_key().public_bytes_raw())
    return derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")
