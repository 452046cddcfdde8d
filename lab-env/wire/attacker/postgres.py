"""As much of PostgreSQL's protocol as an attacker needs: framing, start-up, and what is asked of a client."""

import struct
from collections.abc import Iterator

SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102

OK, CLEARTEXT, MD5, SASL, SASL_CONTINUE, SASL_FINAL = 0, 3, 5, 10, 11, 12
ASK_FOR_PASSWORD = b"R" + struct.pack("!II", 8, CLEARTEXT)

# PostgreSQL's own limits: of a start-up packet, and of what may be said before a login succeeded.
_LONGEST_STARTUP = 10_000
_LONGEST_MESSAGE = 65_536


class Nonsense(Exception):
    """These bytes are not PostgreSQL's protocol."""


def startup_packet(buffer: bytes) -> bytes | None:
    """The first untagged packet of a client, once it is whole. Raises `Nonsense`."""
    if len(buffer) < 8:
        return None
    (length,) = struct.unpack_from("!I", buffer)
    if not 8 <= length <= _LONGEST_STARTUP:
        raise Nonsense(f"a start-up packet of {length} bytes")
    return buffer[:length] if len(buffer) >= length else None


def startup_code(packet: bytes) -> int:
    """A request code, or the protocol's version."""
    return struct.unpack_from("!I", packet, 4)[0]


def startup_user(packet: bytes) -> str:
    """The user a StartupMessage names."""
    words = packet[8:].split(b"\0")
    return dict(zip(words[::2], words[1::2], strict=False)).get(b"user", b"").decode(errors="replace")


class Framer:
    """Cuts a stream into tagged messages. Chunks are not messages: keep what is incomplete."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each whole message, tag and length included. ``rest`` is always what follows it. Raises `Nonsense`."""
        self.rest += data
        while len(self.rest) >= 5:
            (length,) = struct.unpack_from("!I", self.rest, 1)
            if not 4 <= length <= _LONGEST_MESSAGE:
                raise Nonsense(f"a message of {length} bytes before the login")
            if len(self.rest) <= length:
                return
            message, self.rest = self.rest[: length + 1], self.rest[length + 1 :]
            yield message


def authentication(message: bytes) -> int | None:
    """What an Authentication message asks for; None for any other message."""
    return struct.unpack_from("!I", message, 5)[0] if message[:1] == b"R" and len(message) >= 9 else None


def refuses_the_link(message: bytes) -> bool:
    """Whether an ErrorResponse says that no rule of pg_hba.conf allows this kind of link (SQLSTATE 28000)."""
    return message[:1] == b"E" and b"C28000" in message[5:].split(b"\0")


def without_channel_binding(message: bytes) -> bytes:
    """An AuthenticationSASL that no longer offers SCRAM-SHA-256-PLUS."""
    offered = [name for name in message[9:].split(b"\0") if name and not name.endswith(b"-PLUS")]
    body = struct.pack("!I", SASL) + b"".join(name + b"\0" for name in offered) + b"\0"
    return b"R" + struct.pack("!I", 4 + len(body)) + body


def password_in(message: bytes) -> str:
    """The text of a PasswordMessage."""
    return message[5:].split(b"\0")[0].decode(errors="surrogateescape")


def password_message(body: bytes) -> bytes:
    """A message tagged ``p``: a password, a hash, or a step of SASL."""
    return b"p" + struct.pack("!I", 4 + len(body)) + body
