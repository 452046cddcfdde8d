"""Bodies of HTTP as their reader sees them."""

from __future__ import annotations

import gzip

from airlock.wire import decode
from airlock.wire.bodies import exchanges
from airlock.wire.captures import Captured


def test_a_packed_body_in_pieces_is_joined_and_unpacked() -> None:
    packed = gzip.compress(b'{"password": "hunter2"}')
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:9], packed[9:])) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [
        Captured(1.0, "client", b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nplain"),
        Captured(2.0, "server", head + pieces),
    ]
    request, answer = exchanges(decode(chunks))
    assert request.body == b"plain"
    assert answer.body == b'{"password": "hunter2"}'
    assert answer.text.startswith("HTTP/1.1 200 OK\n")


def test_a_body_that_is_not_what_it_says_stays_as_it_is_and_a_bomb_stays_small() -> None:
    def body_of(body: bytes) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        (answer,) = exchanges(decode([Captured(1.0, "server", head + body)]))
        return answer.body

    assert body_of(b"not packed") == b"not packed"
    assert len(body_of(gzip.compress(bytes(50_000_000)))) <= 1 << 20


def test_what_is_not_http_has_no_exchanges() -> None:
    assert exchanges(decode([Captured(1.0, "client", bytes([22, 3, 1, 0, 5]) + b"hello")])) == []
