# expect: fail no-answer-to-the-courier
def attack(courier_port: int, depot_port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", courier_port), timeout=5) as courier:
        return receive(courier, 32)
