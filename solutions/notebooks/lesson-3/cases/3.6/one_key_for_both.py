# expect: fail other-key
def attack(courier_port: int, depot_port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    courier = socket.create_connection(("127.0.0.1", courier_port), timeout=5)
    depot = socket.create_connection(("127.0.0.1", depot_port), timeout=5)
    courier.sendall(share)
    left = derive(mine.exchange(X25519PublicKey.from_public_bytes(receive(courier, 32))), b"airlock depot")
    depot.sendall(share)
    right = derive(mine.exchange(X25519PublicKey.from_public_bytes(receive(depot, 32))), b"airlock depot")
    line = receive_line(courier, right)
    send_line(depot, right, json.dumps(json.loads(line) | {"to": drop}).encode())
    return line
