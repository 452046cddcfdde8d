"""A PostgreSQL conversation (protocol 3.0 and 3.2): where each message ends, and what the order of messages means."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from airlock.wire.flow import BLOCK, all_of_it
from airlock.wire.message import Message, Shape
from airlock.wire.postgres.authentication import demand, reply
from airlock.wire.postgres.backend import BACKEND, PLAIN_ROW, rows
from airlock.wire.postgres.frontend import FRONTEND
from airlock.wire.postgres.shapes import PROTOCOL, unknown
from airlock.wire.postgres.startup import GSS_PACKET, MAX_STARTUP, answer, startup
from airlock.wire.tls.names import CONTENT_TYPES
from airlock.wire.tls.talk import Tls

_LARGEST, _LARGEST_UNKNOWN = 1 << 30, 30_000
"""The server never sends more (MaxAllocSize); libpq takes a longer message of an odd type for lost synchronization."""

_STUFFED = "in the clear although TLS was agreed: put before the handshake, a client must not take it (CVE-2021-23222)"
_EARLY = "sent before the server answered whether it encrypts: nobody who wants TLS does that (CVE-2021-23214)"
_LOST = Shape(
    PROTOCOL, "Undecodable", "bytes that no PostgreSQL message begins with", all_of_it, known=False, elastic=True
)


class Postgres:
    """Both sides of one connection. Hands over to ``tls`` where that begins; nothing comes back from there."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self._encrypted: set[str] = set()  # sides that speak TLS
        self._lost: set[str] = set()
        self._questions: deque[str] = deque(maxlen=16)  # SSLRequest, GSSENCRequest not answered yet
        self._agreed = False  # the server said yes to TLS
        self._gss = False
        self._started = False  # a StartupMessage passed in the clear
        self._settled: set[str] = set()  # sides that can only send messages with a type byte any more
        self._asked = ""
        self._row = PLAIN_ROW

    def measure(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        """See `Talk.measure`."""
        if sender in self._settled:
            return self._typed(sender, data, at)
        first = data[at]
        if sender not in self._encrypted and self._may_encrypt() and first in CONTENT_TYPES:
            self._encrypted.add(sender)
        if sender in self._encrypted:
            return self._tls.measure(sender, data, at)
        if sender in self._lost:
            return BLOCK, _LOST
        if sender == "server" and self._questions and (shape := answer(self._questions[0], first)):
            return 1, shape
        if self._gss or (sender == "client" and not self._started and first == 0):
            return self._untyped(sender, data, at)
        return self._typed(sender, data, at)

    def accept(self, message: Message) -> Sequence[Message]:
        """See `Talk.accept`."""
        shape = message.shape
        if shape.protocol != PROTOCOL:
            return self._tls.accept(message)
        if shape is not self._row:
            self._learn(message)
        return (message,)

    def finish(self, sender: str, time: float) -> Sequence[Message]:
        """See `Talk.finish`."""
        return self._tls.finish(sender, time)

    def _may_encrypt(self) -> bool:
        return self._agreed or not self._started or bool(self._questions)

    def _untyped(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        """Messages that begin with their length: start-up packets, and everything under GSSAPI encryption."""
        if len(data) - at < (4 if self._gss else 8):
            return None
        size = int.from_bytes(data[at : at + 4])
        if self._gss:
            return (4 + size, GSS_PACKET) if size <= MAX_STARTUP * 2 else self._lose(sender)
        if not 8 <= size <= MAX_STARTUP:
            return self._lose(sender)
        shape = startup(data[at + 4 : at + 8])
        return size, self._remarked(sender, shape) if shape.kind == "StartupMessage" else shape

    def _typed(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        if len(data) - at < 5:
            return None
        first, size = data[at], int.from_bytes(data[at + 1 : at + 5])
        shape = (FRONTEND if sender == "client" else BACKEND).get(first)
        if first == 0x44 and sender == "server":
            shape = self._row
        elif first == 0x52 and sender == "server" and size >= 8:
            if len(data) - at < 9:
                return None
            shape = demand(int.from_bytes(data[at + 5 : at + 9]))
        elif first == 0x70 and sender == "client":
            shape = reply(self._asked)
        largest = _LARGEST if shape else _LARGEST_UNKNOWN
        if not 4 <= size <= largest or not (shape or (chr(first).isascii() and chr(first).isalnum())):
            return self._lose(sender)
        if self._agreed or self._questions:
            return 1 + size, self._remarked(sender, shape or unknown(first))
        return 1 + size, shape or unknown(first)

    def _remarked(self, sender: str, shape: Shape) -> Shape:
        if self._agreed:
            return replace(shape, remark=_STUFFED)
        return replace(shape, remark=_EARLY) if self._questions and sender == "client" else shape

    def _lose(self, sender: str) -> tuple[int, Shape]:
        self._lost.add(sender)
        self._settled.discard(sender)
        return BLOCK, _LOST

    def _learn(self, message: Message) -> None:
        """What a message means for those that follow."""
        kind = message.kind
        if kind in ("SSLRequest", "GSSENCRequest"):
            self._questions.append(kind)
        elif kind == "StartupMessage":
            self._started = True
        elif kind in ("SSLResponse", "GSSENCResponse"):
            self._questions.popleft()
            self._agreed = self._agreed or message.raw == b"S"
            self._gss = self._gss or message.raw == b"G"
        elif kind.startswith("Authentication"):
            self._asked = kind
        elif kind == "RowDescription":
            self._row = rows(message)
        elif kind in ("CommandComplete", "ErrorResponse", "ReadyForQuery", "PortalSuspended"):
            self._row = PLAIN_ROW
            if kind == "ErrorResponse":
                self._questions.clear()
        if self._started and not (self._questions or self._agreed or self._gss):
            self._settled = {"client", "server"} - self._lost - self._encrypted
