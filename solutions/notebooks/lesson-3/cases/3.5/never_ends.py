# expect: fail raises
def agree(port: int) -> bytes:
    link = socket.create_connection(("127.0.0.1", port))
    link.sendall(X25519PrivateKey.generate().public_key().public_bytes_raw())
    data = b""
    while len(data) < 64:
        data += link.recv(64)
    return data
