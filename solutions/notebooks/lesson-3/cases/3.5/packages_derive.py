# expect: full
from airlock.wire.channel import derive as the_depots


def agree(port: int) -> bytes:
    mine = X25519PrivateKey.generate()
    with socket.socket() as link:
        link.connect(("localhost", port))
        link.sendall(mine.public_key().public_bytes_raw())
        with link.makefile("rb") as stream:
            theirs = stream.read(32)
    return bytearray(the_depots(mine.exchange(X25519PublicKey.from_public_bytes(theirs))))
