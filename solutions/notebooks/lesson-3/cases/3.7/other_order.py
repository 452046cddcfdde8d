# expect: fail other-transcript
def agree_signed(port: int, depot_key: bytes) -> bytes:
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(share)
        answer = receive(link, 160)
    theirs, signature = answer[32:64], answer[96:160]
    Ed25519PublicKey.from_public_bytes(depot_key).verify(signature, CONTEXT + theirs + share)
    return derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")
