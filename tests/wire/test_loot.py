"""What can be learned from bytes; the sessions are written out by hand, the real wire is in test_doors."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airlock.wire.captures import Captured, Connection
from airlock.wire.loot import Loot, loot


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


def session(*said: tuple[str, bytes]) -> Connection:
    """A recording of who said what, in order."""
    return Connection(messages=[Captured(time, sender, data) for time, (sender, data) in enumerate(said)])


def client(*said: bytes) -> tuple[str, bytes]:
    return "client", b"".join(said)


def server(*said: bytes) -> tuple[str, bytes]:
    return "server", b"".join(said)


SSL_REQUEST = struct.pack("!II", 8, 80877103)
HELLO = startup(user="app", database="shop")
SESSION = (
    client(HELLO),
    server(asks(3)),
    client(tagged(b"p", b"s3cret\0")),
    server(asks(0)),
    client(tagged(b"Q", b"select 1\0")),
    server(described(0, 0), row(b"Hana", None)),
)
SIZE = sum(len(data) for _, data in SESSION)


def test_a_clear_session_gives_everything_away() -> None:
    found = loot([session(*SESSION)])
    assert (found.user, found.database, found.password) == ("app", "shop", "s3cret")
    assert found.sql == ("select 1",)
    assert found.rows == (("Hana", None),)
    assert found.bytes_read == SIZE
    assert found.is_session


def test_md5_gives_a_hash_with_its_salt() -> None:
    answer = tagged(b"p", b"md5" + b"a" * 32 + b"\0")
    found = loot([session(client(HELLO), server(asks(5, b"\x01\x02\x03\x04")), client(answer), server(asks(0)))])
    assert found.hash == "md5" + "a" * 32 + ":01020304"
    assert found.password == ""
    assert not found.is_session


def test_scram_gives_the_exchange() -> None:
    exchange = ("n,,n=,r=abc", "r=abcdef,s=salt,i=4096", "c=biws,r=abcdef,p=proof", "v=sig")
    first, challenge, proof, signature = (text.encode() for text in exchange)
    recorded = session(
        client(HELLO),
        server(asks(10, b"SCRAM-SHA-256\0\0")),
        client(tagged(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(first)) + first)),
        server(asks(11, challenge)),
        client(tagged(b"p", proof)),
        server(asks(12, signature), asks(0)),
    )
    assert loot([recorded]).scram == exchange


def test_bound_parameters_and_binary_values() -> None:
    values = struct.pack("!i", 4) + b"Hana" + struct.pack("!i", -1)
    bind = b"\0\0" + struct.pack("!HHH", 1, 0, 2) + values + struct.pack("!H", 0)
    asked = client(HELLO, tagged(b"P", b"\0select $1\0\0\0"), tagged(b"B", bind))
    found = loot([session(asked, server(asks(0), described(1), row(b"\x00\x2a")))])
    assert found.sql == ("select $1",)
    assert found.parameters == (("Hana", None),)
    assert found.rows == (("\\x002a",),)


def test_a_column_may_be_called_value() -> None:
    columns = tagged(b"T", struct.pack("!H", 1) + b"value\0" + struct.pack("!IHIHIH", 1, 1, 25, 8, 0, 0))
    assert loot([session(client(HELLO), server(asks(0), columns, row(b"Hana")))]).rows == (("Hana",),)


@pytest.mark.parametrize(
    "said",
    [
        (client(SSL_REQUEST), server(b"S"), client(b"\x16\x03\x01\x00\x05hello"), server(b"\x16\x03\x03\x00\x01x")),
        (client(b"\x16\x03\x01\x00\x05hello"), server(b"\x16\x03\x03\x00\x01x")),
        (client(b"SSH-2.0-OpenSSH_9\r\n"),),
        (client(SSL_REQUEST),),
        (),
    ],
)
def test_what_is_encrypted_or_no_session_gives_nothing(said: tuple[tuple[str, bytes], ...]) -> None:
    assert loot([session(*said)]) == Loot()


def test_after_a_refused_request_for_encryption_the_session_is_clear() -> None:
    gss = struct.pack("!II", 8, 80877104)
    asked = (client(gss), server(b"N"), client(SSL_REQUEST), server(b"N"))
    assert loot([session(*asked, *SESSION)]) == loot([session(*SESSION)])


def test_a_cancel_request_names_nobody() -> None:
    assert loot([session(client(struct.pack("!IIII", 16, 80877102, 1, 2)))]) == Loot(bytes_read=16)


def test_what_was_clear_inside_a_forged_session_counts_not_what_was_on_the_link() -> None:
    forged = Connection(door="mis-issued", passive=False)
    inside = session(*SESSION).messages
    forged.messages = [
        Captured(0, "client", SSL_REQUEST + b"\x16\x03\x01"),
        Captured(0, "server", b"S\x16\x03\x03"),
        *(replace(chunk, layer="clear") for chunk in inside),
        Captured(9, "client", b"not his", leg="server"),
    ]
    assert loot([forged]) == loot([session(*SESSION)])


ANSWER = '{"customer": "Ada Bergström"}'.encode()
BASIC = b"GET /a?b=c HTTP/1.1\r\nAuthorization: Basic YXBwOnMzY3JldDpYCg==\r\n\r\n"
BEARER = b"POST /token HTTP/1.1\r\nAuthorization: Bearer abc\r\nContent-Length: 2\r\n\r\nhi"


def test_http_in_clear_gives_away_who_asks_for_what_and_the_answer() -> None:
    lengths = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER
    found = loot([session(client(BASIC), server(lengths), client(BEARER), server(b"HTTP/1.1 204 No\r\n\r\n"))])
    assert (found.user, found.password, found.token) == ("app", "s3cret:X\n", "abc")
    assert found.requests == ("GET /a?b=c", "POST /token")
    assert found.answers == (ANSWER.decode(),)
    assert found.bytes_read == len(BASIC + lengths + BEARER) + 19
    assert found.is_session


def test_an_answer_in_pieces_is_one_answer_whatever_character_is_cut() -> None:
    pieces = b"".join(b"1\r\n" + ANSWER[i : i + 1] + b"\r\n" for i in range(len(ANSWER)))
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    ended = b"HTTP/1.1 200 OK\r\n\r\n" + ANSWER
    found = loot([session(client(BASIC, BASIC), server(whole), server(ended))])
    assert found.answers == (ANSWER.decode(),) * 2


@pytest.mark.parametrize(("said", "worth"), [((client(BEARER),), True), ((client(b"GET / HTTP/1.1\r\n\r\n"),), False)])
def test_a_token_is_worth_a_session_and_a_path_alone_is_not(said: tuple[tuple[str, bytes], ...], worth: bool) -> None:
    assert loot([session(*said)]).is_session is worth


def test_two_connections_are_added_up() -> None:
    found = loot([session(client(HELLO)), session(*SESSION)])
    assert (found.user, found.password) == ("app", "s3cret")
    assert found.bytes_read == len(HELLO) + SIZE


def test_it_is_json_data() -> None:
    assert json.loads(json.dumps(loot([session(*SESSION)]).to_plain()))["password"] == "s3cret"


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.binary(max_size=30)), max_size=8), st.booleans())
def test_any_bytes_are_survived(said: list[tuple[str, bytes]], begun: bool) -> None:
    loot([session(*([client(HELLO)] if begun else []), *said)])


@given(st.integers(0, len(SESSION)), st.binary(max_size=9), st.sampled_from([b"B", b"P", b"Q", b"p", b"T", b"D", b"R"]))
def test_a_message_of_noise_anywhere_is_survived(place: int, noise: bytes, tag: bytes) -> None:
    for sender in ("client", "server"):
        loot([session(*SESSION[:place], (sender, tagged(tag, noise)), *SESSION[place:])])
