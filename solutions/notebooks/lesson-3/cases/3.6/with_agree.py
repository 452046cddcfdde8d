# expect: full
def attack(courier_port: int, depot_port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", courier_port), timeout=5) as courier:
        mine = X25519PrivateKey.generate()
        theirs = X25519PublicKey.from_public_bytes(receive(courier, 32))
        courier.sendall(mine.public_key().public_bytes_raw())
        line = receive_line(courier, derive(mine.exchange(theirs), b"airlock depot"))
    order = json.loads(line)
    order["to"] = drop
    with socket.create_connection(("127.0.0.1", depot_port), timeout=5) as depot:
        mine = X25519PrivateKey.generate()
        depot.sendall(mine.public_key().public_bytes_raw())
        theirs = X25519PublicKey.from_public_bytes(receive(depot, 32))
        send_line(depot, derive(mine.exchange(theirs), b"airlock depot"), json.dumps(order).encode())
    return line
