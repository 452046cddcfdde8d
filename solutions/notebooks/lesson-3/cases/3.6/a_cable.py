# expect: fail shares-passed-on
def attack(courier_port: int, depot_port: int) -> bytes:
    courier = socket.create_connection(("127.0.0.1", courier_port), timeout=5)
    depot = socket.create_connection(("127.0.0.1", depot_port), timeout=5)
    depot.sendall(receive(courier, 32))
    courier.sendall(receive(depot, 32))
    record = courier.recv(4096)
    depot.sendall(record)
    return record
