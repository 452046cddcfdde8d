"""One connection, both sides, from the chunks as they passed to messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from airlock.wire.captures import Captured
from airlock.wire.flow import LEAST, LIMIT, Flow, Talk
from airlock.wire.http import Http
from airlock.wire.message import Message
from airlock.wire.postgres.talk import Postgres
from airlock.wire.tls.keylog import KeyLog
from airlock.wire.tls.names import CONTENT_TYPES
from airlock.wire.tls.talk import Tls

ProtocolName: TypeAlias = Literal["auto", "postgres", "tls", "http"]
_ALPN: dict[str, ProtocolName] = {"postgresql": "postgres", "http/1.1": "http", "http/1.0": "http"}


class Conversation:
    """Decodes one connection as it happens. Feed it from one thread.

    ``protocol`` says what is spoken; ``auto`` tells by the first byte. PostgreSQL turns into TLS by itself where the
    server agrees to it. ``limit`` is how many bytes of one message are kept; memory stays within
    a few times that, however much passes. With ``keys``, lines of the session's key log (`airlock.wire.tls.keylog`),
    an encrypted record that they fit says in `Message.inside` what was in it.

    Raises:
        ValueError: ``limit`` is under 20 KiB, which a TLS record may have.
    """

    def __init__(self, *, protocol: ProtocolName = "auto", limit: int = LIMIT, keys: Iterable[str] = ()) -> None:
        if limit < LEAST:
            raise ValueError(f"a limit of {limit} bytes is too small to decode by; {LEAST} is the least")
        self._limit = limit
        self._protocol: ProtocolName = protocol
        lines = list(keys)
        self._keylog = KeyLog(lines) if lines else None
        self._flows: dict[str, Flow] = {}

    def feed(self, chunk: Captured) -> list[Message]:
        """The messages that ``chunk`` completes, in order. Never raises for any bytes.

        Raises:
            ValueError: the sender is neither ``client`` nor ``server``.
        """
        if chunk.sender not in ("client", "server"):
            raise ValueError(f"a chunk is sent by 'client' or 'server', not by {chunk.sender!r}")
        if not chunk.data:
            return []
        if not self._flows:
            talk = self._begin(chunk)
            self._flows = {side: Flow(side, talk, self._limit) for side in ("client", "server")}
        return self._flows[chunk.sender].feed(chunk.time, chunk.data)

    def close(self) -> list[Message]:
        """What is left, when both sides have stopped: messages that were cut off."""
        return [message for flow in self._flows.values() for message in flow.close()]

    def _begin(self, chunk: Captured) -> Talk:
        protocol = _recognise(chunk) if self._protocol == "auto" else self._protocol
        if protocol == "http":
            return Http()
        if protocol == "tls":
            return Tls(self._limit, self._keylog, lambda alpn: self._inner(_ALPN.get(alpn, "auto")))
        return Postgres(Tls(self._limit, self._keylog, lambda _: self._inner("postgres")))

    def _inner(self, protocol: ProtocolName) -> Conversation:
        """For what is spoken inside TLS."""
        return Conversation(protocol=protocol, limit=self._limit)


def decode(
    chunks: Iterable[Captured], *, protocol: ProtocolName = "auto", limit: int = LIMIT, keys: Iterable[str] = ()
) -> Iterator[Message]:
    """The messages of one connection. Keeps nothing that it has handed over.

    Raises:
        ValueError: as `Conversation` and `Conversation.feed`.
    """
    conversation = Conversation(protocol=protocol, limit=limit, keys=keys)
    for chunk in chunks:
        yield from conversation.feed(chunk)
    yield from conversation.close()


def _recognise(chunk: Captured) -> ProtocolName:
    """A PostgreSQL client begins with a zero byte, TLS with a content type, HTTP with a letter."""
    first = chunk.data[0]
    if first in CONTENT_TYPES:
        return "tls"
    letter = chr(first).isascii() and chr(first).isalpha()
    return "http" if (letter if chunk.sender == "client" else first == ord("H")) else "postgres"
