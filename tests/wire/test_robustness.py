"""Whatever is fed in whatever chunks: nothing raises, nothing hangs, nothing is lost and nothing is made up."""

from __future__ import annotations

import random
import ssl
import struct
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airlock.lab import View
from airlock.lab.postgres import connect
from airlock.pki import Authority
from airlock.wire import Conversation, Message, ProtocolName, Status, decode
from airlock.wire.captures import Captured, record
from tests.wire.talks import SSL_REQUEST, context, tls
from tests.wire.test_captures import through
from tests.wire.test_postgres import CLIENT, SERVER, STARTUP

Turns = list[tuple[str, bytes]]
PROTOCOLS: list[ProtocolName] = ["auto", "postgres", "tls", "http"]
LEAST = 20 * 1024


def facts(messages: list[Message]) -> list[object]:
    """Everything there is to say about messages, and what must be true of each."""
    for message in messages:
        assert message.size >= len(message.raw)
        assert message.size == len(message.raw) or message.status is Status.TRUNCATED
        covered = set()
        for field in message.fields:
            assert 0 <= field.offset <= field.offset + field.length <= len(message.raw)
            assert field.name
            assert field.explanation
            covered.update(range(field.offset, field.offset + field.length))
        assert covered == set(range(len(message.raw))), f"{message.kind} leaves bytes unexplained"
    return [(m.shape.protocol, m.kind, m.sender, m.raw, m.size, m.status, m.remark, m.fields) for m in messages]


def decoded(turns: Turns, protocol: ProtocolName = "auto") -> list[Message]:
    messages = list(decode((Captured(1.0, *turn) for turn in turns), protocol=protocol, limit=LEAST))
    for side in ("client", "server"):
        rest = b"".join(data for sender, data in turns if sender == side)
        for message in (each for each in messages if each.sender == side):
            assert rest.startswith(message.raw)
            rest = rest[message.size :]
        assert rest == b"", f"{len(rest)} bytes of the {side} are in no message"
    return messages


def cut(turns: Turns, rng: random.Random) -> Turns:
    """The same bytes in other chunks."""
    pieces: Turns = []
    for sender, data in turns:
        at = 0
        while at < len(data):
            size = rng.choice((1, 2, 3, 5, 17, 100, len(data)))
            pieces.append((sender, data[at : at + size]))
            at += size
    return pieces


def handshake(version: ssl.TLSVersion) -> Turns:
    root = Authority.root("Test Root")
    client, server = context(trust=root.identity.certificate_pem), context(root.server("db", ["localhost"]))
    client.maximum_version = version
    return [(chunk.sender, chunk.data) for chunk in tls(client, server)[0]]


TLS_1_2, TLS_1_3 = handshake(ssl.TLSVersion.TLSv1_2), handshake(ssl.TLSVersion.TLSv1_3)
REAL: dict[str, Turns] = {
    "postgres": [
        ("client", STARTUP),
        *(("server", each[0]) for each in SERVER),
        *(("client", each[0]) for each in CLIENT),
    ],
    "postgres over tls": [("client", SSL_REQUEST), ("server", b"S"), *TLS_1_3],
    "tls 1.2": TLS_1_2,
    "tls 1.3": TLS_1_3,
    "http": [
        ("client", b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nAuthorization: Basic YTpi\r\n\r\nabc"),
        ("server", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"),
        ("client", b"GET /b HTTP/1.1\r\n\r\n"),
        ("server", b"HTTP/1.1 200 OK\r\n\r\nto the end"),
    ],
}

# Bytes that lead deeper than noise would.
openings = st.sampled_from(
    [
        b"",
        STARTUP,
        SSL_REQUEST,
        b"S",
        b"N",
        b"\x16\x03\x03",
        b"\x16\x03\x03\0\x2a\x02\0\0\x26\x03\x03",
        b"HTTP/1.1 200 OK\r\n",
    ]
    + [each[0][:5] for each in CLIENT + SERVER]
)
turns = st.lists(
    st.tuples(st.sampled_from(["client", "server"]), st.builds(bytes.__add__, openings, st.binary(max_size=300))),
    max_size=8,
)
MODEST = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MODEST
@given(turns, st.sampled_from(PROTOCOLS), st.randoms(use_true_random=False))
def test_any_bytes_in_any_chunks_give_the_same_and_lose_nothing(
    said: Turns, protocol: ProtocolName, rng: random.Random
) -> None:
    assert facts(decoded(said, protocol)) == facts(decoded(cut(said, rng), protocol))


@pytest.mark.parametrize("name", REAL)
def test_chunks_do_not_matter_in_real_conversations(name: str) -> None:
    whole = facts(decoded(REAL[name]))
    assert whole == facts(decoded([(sender, data[i : i + 1]) for sender, data in REAL[name] for i in range(len(data))]))
    for seed in range(10):
        assert whole == facts(decoded(cut(REAL[name], random.Random(seed))))


def mutations(said: Turns, count: int) -> Iterator[Turns]:
    """Copies with bytes changed, cut out, repeated or swapped between turns; the same ones in every run."""
    for seed in range(count):
        rng, copy = random.Random(seed), [(sender, bytearray(data)) for sender, data in said]
        for _ in range(rng.randint(1, 6)):
            _, data = rng.choice(copy)
            at = rng.randrange(len(data) + 1)
            match rng.randrange(5):
                case 0 if data:
                    data[at % len(data)] = rng.randrange(256)
                case 1:
                    del data[at : at + rng.randrange(40)]
                case 2:
                    data[at:at] = rng.randbytes(rng.randrange(40))
                case 3:
                    data[at:at] = data[rng.randrange(len(data) + 1) :][:200]
                case _:
                    copy.insert(rng.randrange(len(copy) + 1), (rng.choice(["client", "server"]), bytearray(data)))
        yield [(sender, bytes(data)) for sender, data in copy]


@pytest.mark.parametrize("name", REAL)
def test_mutated_conversations_neither_raise_nor_hang(name: str) -> None:
    for number, said in enumerate(mutations(REAL[name], 150)):
        messages = facts(decoded(said))
        if number % 10 == 0:
            assert messages == facts(decoded(cut(said, random.Random(number))))


@pytest.mark.lab
def test_mutated_recordings_of_the_lab_neither_raise_nor_hang(view: View) -> None:
    with record(view.lab.wire, "eavesdropper") as recording:
        with connect(through(view, "eavesdropper").shop, sslmode="disable") as link:
            link.execute("select * from orders where id < %s", [4])
        with connect(through(view, "eavesdropper").shop, ca_file=view.lab.ca_file) as link:
            link.execute("select 1")
    for connection in recording.connections:
        said = [(chunk.sender, chunk.data) for chunk in connection.chunks()]
        assert all(message.status is Status.COMPLETE for message in decoded(said))
        for mutant in mutations(said, 100):
            facts(decoded(mutant))


FLOODS: dict[str, tuple[Turns, bytes]] = {
    "one row without end": ([("client", STARTUP)], b"D" + struct.pack(">I", 1 << 29)),
    "noise": ([("client", STARTUP)], b""),
    "requests": ([], SSL_REQUEST),
    "records without content": ([("client", b"\x16\x03\x01\0\0")], b"\x16\x03\x03\0\0"),
    "a handshake message without end": ([("client", b"\x16\x03\x01\0\x04\x0b\xff\xff\xff")], b"\x16\x03\x03\0\x01\x0b"),
    "a head without end": ([("client", b"GET / HTTP/1.1\r\n")], b"X: y\r\n"),
    "pipelined requests": ([], b"GET / HTTP/1.1\r\n\r\n"),
}


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("sender", ["client", "server"])
def test_memory_stays_bounded_whatever_is_sent(name: str, sender: str) -> None:
    before, piece = FLOODS[name]
    conversation = Conversation(limit=LEAST)
    for side, data in before:
        conversation.feed(Captured(0, side, data))
    block = (piece or bytes(range(256)) * 4) * 2000
    conversation.feed(Captured(0, sender, block))
    tracemalloc.start()
    try:
        for _ in range(20):
            conversation.feed(Captured(time.time(), sender, block))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 20 * LEAST


def test_bytes_one_at_a_time_cost_no_more_than_they_weigh() -> None:
    """A message close to the limit, byte by byte: work in proportion to its size, not to its square."""
    conversation = Conversation()
    conversation.feed(Captured(0, "client", STARTUP))
    head = b"D" + struct.pack(">I", 60_000)
    messages = [
        message
        for i in range(3)
        for byte in head + bytes(59_996)
        for message in conversation.feed(Captured(i, "server", bytes([byte])))
    ]
    assert [message.size for message in messages] == [60_001] * 3
