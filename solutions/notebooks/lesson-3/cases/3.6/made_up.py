# expect: cheat
def attack(courier_port: int, depot_port: int) -> bytes:
    with Courier(b'{"parcel": 1, "to": "x", "code": "y"}') as another:
        return b'{"parcel": 1, "to": "x", "code": "y"}'
