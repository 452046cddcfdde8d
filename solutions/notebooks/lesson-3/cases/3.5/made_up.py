# expect: cheat
def agree(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(X25519PrivateKey.generate().public_key().public_bytes_raw())
        return receive(link, 32)
