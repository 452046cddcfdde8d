"""HTTP as its reader sees it: each head with its body whole, joined from its pieces and unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from airlock.wire.message import Message

_MOST = 1 << 20  # bytes of an unpacked body that are kept: a small one may unpack to gigabytes
_PIECES = ("Body", "Chunk")


@dataclass(frozen=True)
class Exchange:
    """A request or an answer: its head, and its body without the coding it was sent in."""

    head: Message
    body: bytes

    @property
    def text(self) -> str:
        """Both as somebody reads them who listens; what is no text is replaced."""
        head = self.head.raw.decode("latin-1").replace("\r\n", "\n")
        return head + self.body.decode("utf-8", "replace")


def exchanges(messages: Iterable[Message]) -> list[Exchange]:
    """The requests and answers among a connection's messages. Empty where nothing of HTTP could be read."""
    heads: list[tuple[Message, list[bytes]]] = []
    latest: dict[str, list[bytes]] = {}
    for message in messages:
        if message.kind in ("Request", "Response"):
            latest[message.sender] = []
            heads.append((message, latest[message.sender]))
        elif message.kind in _PIECES and message.sender in latest:
            latest[message.sender] += [
                message.raw[part.offset : part.offset + part.length] for part in message.fields if part.name == "data"
            ]
    return [Exchange(head, _unpacked(head, b"".join(pieces))) for head, pieces in heads]


def _unpacked(head: Message, body: bytes) -> bytes:
    if str(head.get("content-encoding")).strip().lower() != "gzip":
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, _MOST)
    except zlib.error:
        return body
