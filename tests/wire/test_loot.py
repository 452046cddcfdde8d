"""What can be learned from bytes; the sessions are written out by hand, the real wire is in test_doors."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airlock.wire.captures import Captured, Connection
from airlock.wire.loot import Loot, loot, read


def tagged(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack("!I", 4 + len(body)) + body


def startup(**named: str) -> bytes:
    body = struct.pack("!I", 196608) + b"".join(f"{k}\0{v}\0".encode() for k, v in named.items()) + b"\0"
    return struct.pack("!I", 4 + len(body)) + body


def asks(code: int, data: bytes = b"") -> bytes:
    return tagged(b"R", struct.pack("!I", code) + data)


def described(*formats: int) -> bytes:
    columns = b"".join(b"name\0" + struct.pack("!IHIHIH", 1, 1, 25, 8, 0, form) for form in formats)
    return tagged(b"T", struct.pack("!H", len(formats)) + columns)


def row(*values: bytes | None) -> bytes:
    cells = b"".join(struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v for v in values)
    return tagged(b"D", struct.pack("!H", len(values)) + cells)


SSL_REQUEST = struct.pack("!II", 8, 80877103)
HELLO = startup(user="app", database="shop")
SESSION = (
    HELLO + tagged(b"p", b"s3cret\0") + tagged(b"Q", b"select 1\0"),
    asks(3) + asks(0) + described(0, 0) + row(b"Hana", None),
)


def test_a_clear_session_gives_everything_away() -> None:
    found = read(*SESSION)
    assert (found.user, found.database, found.password) == ("app", "shop", "s3cret")
    assert found.sql == ("select 1",)
    assert found.rows == (("Hana", None),)
    assert found.bytes_read == sum(map(len, SESSION))
    assert found.is_session


def test_md5_gives_a_hash_with_its_salt() -> None:
    found = read(HELLO + tagged(b"p", b"md5" + b"a" * 32 + b"\0"), asks(5, b"\x01\x02\x03\x04") + asks(0))
    assert found.hash == "md5" + "a" * 32 + ":01020304"
    assert found.password == ""
    assert not found.is_session


def test_scram_gives_the_exchange() -> None:
    first = b"n,,n=,r=abc"
    client = HELLO + tagged(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(first)) + first)
    client += tagged(b"p", b"c=biws,r=abcdef,p=proof")
    server = asks(10, b"SCRAM-SHA-256\0\0") + asks(11, b"r=abcdef,s=salt,i=4096") + asks(12, b"v=sig") + asks(0)
    exchange = ("n,,n=,r=abc", "r=abcdef,s=salt,i=4096", "c=biws,r=abcdef,p=proof", "v=sig")
    assert set(read(client, server).scram) == set(exchange)
    assert read(client, server).scram == exchange


def test_bound_parameters_and_binary_values() -> None:
    bind = b"\0\0" + struct.pack("!HHH", 1, 0, 2) + struct.pack("!i", 4) + b"Hana" + struct.pack("!i", -1)
    client = HELLO + tagged(b"P", b"\0select $1\0\0\0") + tagged(b"B", bind)
    found = read(client, asks(0) + described(1) + row(b"\x00\x2a"))
    assert found.sql == ("select $1",)
    assert found.parameters == (("Hana", None),)
    assert found.rows == (("\\x002a",),)


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (SSL_REQUEST + b"\x16\x03\x01" + SESSION[0], b"S" + SESSION[1]),
        (b"\x16\x03\x01" + SESSION[0], b"\x16" + SESSION[1]),
        (b"", b""),
        (SSL_REQUEST, b""),
    ],
)
def test_an_encrypted_session_gives_nothing(client: bytes, server: bytes) -> None:
    assert read(client, server) == Loot()


def test_after_a_refused_request_for_encryption_the_session_is_clear() -> None:
    gss = struct.pack("!II", 8, 80877104)
    assert read(gss + SSL_REQUEST + SESSION[0], b"NN" + SESSION[1]) == read(*SESSION)


def test_a_cancel_request_names_nobody() -> None:
    assert read(struct.pack("!IIII", 16, 80877102, 1, 2), b"") == Loot(bytes_read=16)


def test_what_was_clear_inside_a_forged_session_counts_not_what_was_on_the_link() -> None:
    forged = Connection(door="mis-issued", passive=False)
    forged.messages = [
        Captured(1, "client", SSL_REQUEST + b"\x16\x03\x01"),
        Captured(1, "server", b"S\x16\x03\x03"),
        Captured(2, "client", SESSION[0][:9], layer="clear"),
        Captured(3, "client", SESSION[0][9:], layer="clear"),
        Captured(4, "server", SESSION[1], layer="clear"),
        Captured(4, "client", b"not his", leg="server"),
    ]
    assert loot([forged]) == read(*SESSION)


def test_two_connections_are_added_up() -> None:
    refused = Connection(messages=[Captured(1, "client", HELLO)])
    session = Connection(messages=[Captured(2, "client", SESSION[0]), Captured(2, "server", SESSION[1])])
    found = loot([refused, session])
    assert (found.user, found.password) == ("app", "s3cret")
    assert found.bytes_read == len(HELLO) + sum(map(len, SESSION))


def test_it_is_json_data() -> None:
    assert json.loads(json.dumps(read(*SESSION).to_plain()))["password"] == "s3cret"


@given(st.binary(), st.binary())
def test_any_bytes_are_survived(client: bytes, server: bytes) -> None:
    read(client, server)
    read(HELLO + client, server)


@given(st.integers(0, len(SESSION[0])), st.integers(0, len(SESSION[1])), st.binary(max_size=8))
def test_a_session_cut_anywhere_is_survived(one: int, other: int, noise: bytes) -> None:
    read(SESSION[0][:one] + noise, SESSION[1][:other] + noise)
    tail = b"".join([tagged(b"B", noise), tagged(b"P", noise), tagged(b"Q", noise), tagged(b"p", noise)])
    read(HELLO + tail, asks(5, noise) + tagged(b"T", noise) + tagged(b"D", noise) + tagged(b"R", noise))
