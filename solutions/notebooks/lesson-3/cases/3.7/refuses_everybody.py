# expect: cheat
def agree_signed(port: int, depot_key: bytes) -> bytes:
    raise InvalidSignature
