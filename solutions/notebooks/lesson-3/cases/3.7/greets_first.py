# expect: fail sent-before-verified
def agree_signed(port: int, depot_key: bytes) -> bytes:
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(share)
        answer = receive(link, 160)
        key = derive(mine.exchange(X25519PublicKey.from_public_bytes(answer[32:64])), b"airlock depot")
        send_line(link, key, b"hello, who is there?")
    Ed25519PublicKey.from_public_bytes(depot_key).verify(answer[96:160], CONTEXT + share + answer[32:64])
    return key
