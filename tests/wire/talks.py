"""Real conversations for the decoder's tests, kept in the order in which the bytes passed."""

from __future__ import annotations

import ssl
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from airlock.pki import Identity
from airlock.wire import Message
from airlock.wire.captures import Captured

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


def context(identity: Identity | None = None, trust: bytes | None = None) -> ssl.SSLContext:
    """A server's context with ``identity``, or a client's that trusts ``trust`` (PEM)."""
    if identity is None:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(cadata=(trust or b"").decode())
        return client
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder) / "chain.pem", Path(folder) / "key.pem"
        chain.write_bytes(identity.certificate_pem)
        key.write_bytes(identity.key_pem)
        server.load_cert_chain(chain, key)
    return server


def tls(
    client: ssl.SSLContext,
    server: ssl.SSLContext,
    *,
    host: str = "localhost",
    say: tuple[bytes, bytes] = (b"ping", b"pong"),
    session: ssl.SSLSession | None = None,
) -> tuple[list[Captured], ssl.SSLObject]:
    """A whole TLS connection: handshake, ``say`` (the client's words, then the server's), goodbye.

    Returns what passed, also when the handshake fails, and the client's end.
    """
    ends = {side: (ssl.MemoryBIO(), ssl.MemoryBIO()) for side in ("client", "server")}
    mine = client.wrap_bio(*ends["client"], server_hostname=host, session=session)
    theirs = server.wrap_bio(*ends["server"], server_side=True)
    chunks: list[Captured] = []

    def move() -> None:
        for sender, receiver in (("client", "server"), ("server", "client")):
            if data := ends[sender][1].read():
                chunks.append(Captured(time.time(), sender, data))
                ends[receiver][0].write(data)

    failed = False
    for _ in range(6):
        for end in (mine, theirs):
            try:
                end.do_handshake()
            except ssl.SSLError as problem:
                failed = failed or not isinstance(problem, ssl.SSLWantReadError)
        move()
    if not failed:
        for speaker, listener, words in ((mine, theirs, say[0]), (theirs, mine, say[1])):
            speaker.write(words)
            move()
            heard = b""
            while len(heard) < len(words):
                heard += listener.read(1 << 20)
            assert heard == words
        for end in (mine, theirs):
            with suppress(ssl.SSLError):
                end.unwrap()
            move()
    return chunks, mine


def named(messages: list[Message], kind: str) -> Message:
    """The first message of that kind."""
    return next(message for message in messages if message.kind == kind)


def sides(messages: list[Message]) -> dict[str, bytes]:
    """What each side sent, from the raw bytes of its messages."""
    return {
        side: b"".join(message.raw for message in messages if message.sender == side) for side in ("client", "server")
    }
