# expect: cheat
def attack(courier_port: int, depot_port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    with socket.create_connection(("127.0.0.1", depot_port), timeout=5) as depot:
        depot.sendall(mine.public_key().public_bytes_raw())
        theirs = X25519PublicKey.from_public_bytes(receive(depot, 32))
        line = json.dumps({"parcel": 4711, "to": drop, "code": "guessed"}).encode()
        send_line(depot, derive(mine.exchange(theirs), b"airlock depot"), line)
    return line
