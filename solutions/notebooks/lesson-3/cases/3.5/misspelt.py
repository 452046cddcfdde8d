# expect: fail stopped-before
def agree(port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    with socket.create_conection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(mine.public_key().public_bytes_raw())
        theirs = receive(link, 32)
    return derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")
