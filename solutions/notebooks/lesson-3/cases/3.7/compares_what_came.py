# expect: full
def agree_signed(port: int, depot_key: bytes) -> bytes:
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(share)
        answer = receive(link, 160)
    theirs, signature = answer[32:64], answer[96:160]
    if answer[:32] != share or answer[64:96] != depot_key:
        raise ConnectionError("that is not the depot")
    Ed25519PublicKey.from_public_bytes(answer[64:96]).verify(signature, CONTEXT + answer[:64])
    return derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")
