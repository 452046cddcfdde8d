"""PostgreSQL's messages: every kind, from the bytes that the documentation gives."""

from __future__ import annotations

import struct

import pytest

from airlock.wire import Conversation, Message, Status, decode
from airlock.wire.captures import Captured
from tests.wire.talks import SSL_REQUEST

STARTUP = struct.pack(">IHH", 32, 3, 0) + b"user\0ada\0database\0shop\0\0"


def typed(letter: str, body: bytes = b"") -> bytes:
    return letter.encode() + struct.pack(">I", 4 + len(body)) + body


def one(*chunks: tuple[str, bytes]) -> Message:
    """The last message of a conversation."""
    return list(decode(Captured(1.0, sender, data) for sender, data in chunks))[-1]


def answered(code: int, answer: bytes, more: bytes = b"") -> Message:
    demand = typed("R", struct.pack(">I", code) + more)
    return one(("client", STARTUP), ("server", demand), ("client", typed("p", answer)))


def test_a_startup_message_says_who_and_where() -> None:
    message = one(("client", STARTUP))
    assert (message.protocol, message.kind, message.status) == ("PostgreSQL", "StartupMessage", Status.COMPLETE)
    assert (message.get("user"), message.get("database")) == ("ada", "shop")
    field = next(each for each in message.fields if each.name == "database" and each.value == "shop")
    assert message.raw[field.offset : field.offset + field.length] == b"shop\0"
    assert field.explanation


def test_the_same_letter_answers_different_demands() -> None:
    clear = answered(3, b"hunter2\0")
    assert (clear.kind, clear.get("password")) == ("PasswordMessage", "hunter2")
    hashed = answered(5, b"md5" + b"0" * 32 + b"\0", b"salt")
    assert (hashed.kind, hashed.get("password")) == ("PasswordMessage", "md5" + "0" * 32)
    assert clear.explanation != hashed.explanation
    first = answered(10, b"SCRAM-SHA-256\0" + struct.pack(">I", 12) + b"n,,n=,r=abcd", b"SCRAM-SHA-256\0\0")
    assert (first.kind, first.get("mechanism"), first.get("nonce")) == ("SASLInitialResponse", "SCRAM-SHA-256", "abcd")
    final = answered(11, b"c=biws,r=abcdef,p=cHJvb2Y=", b"r=abcdef,s=c2FsdA==,i=4096")
    assert (final.kind, final.get("proof")) == ("SASLResponse", "cHJvb2Y=")


def test_channel_binding_is_opened() -> None:
    message = answered(11, b"c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsq80=,r=a,p=b")
    text = next(field.explanation for field in message.fields if field.name == "channel_binding")
    assert "p=tls-server-end-point,," in text
    assert "abcd" in text


CLIENT: list[tuple[bytes, str, dict[str, object]]] = [
    (typed("Q", b"select 1\0"), "Query", {"query": "select 1"}),
    (typed("P", b"s\0select $1\0" + struct.pack(">HI", 1, 23)), "Parse", {"statement": "s", "parameter_type": "int4"}),
    (
        typed("B", b"p\0s\0" + struct.pack(">HHHIsiHH", 1, 0, 2, 1, b"7", -1, 1, 1)),
        "Bind",
        {"portal": "p", "statement": "s", "value": "7", "result_format": "binary"},
    ),
    (typed("D", b"Ss\0"), "Describe", {"target": "prepared statement", "name": "s"}),
    (typed("E", b"p\0" + struct.pack(">I", 5)), "Execute", {"portal": "p", "max_rows": 5}),
    (typed("C", b"Pp\0"), "Close", {"target": "portal"}),
    (typed("S"), "Sync", {}),
    (typed("H"), "Flush", {}),
    (typed("X"), "Terminate", {}),
    (typed("d", b"1\tx\n"), "CopyData", {"data": "1\tx\n"}),
    (typed("c"), "CopyDone", {}),
    (typed("f", b"no\0"), "CopyFail", {"reason": "no"}),
    (
        typed("F", struct.pack(">IHHIsH", 99, 0, 1, 1, b"x", 0)),
        "FunctionCall",
        {"function": 99, "value": "x", "result_format": "text"},
    ),
]
SERVER: list[tuple[bytes, str, dict[str, object]]] = [
    (typed("R", struct.pack(">I", 0)), "AuthenticationOk", {"authentication": "Ok"}),
    (typed("R", struct.pack(">I", 3)), "AuthenticationCleartextPassword", {}),
    (typed("R", struct.pack(">I", 5) + b"salt"), "AuthenticationMD5Password", {"salt": b"salt"}),
    (typed("R", struct.pack(">I", 10) + b"A\0B\0\0"), "AuthenticationSASL", {"mechanism": "A"}),
    (typed("R", struct.pack(">I", 12) + b"v=c2ln"), "AuthenticationSASLFinal", {"server_signature": "c2ln"}),
    (typed("R", struct.pack(">I", 8) + b"token"), "AuthenticationGSSContinue", {"data": b"token"}),
    (typed("S", b"TimeZone\0GMT\0"), "ParameterStatus", {"name": "TimeZone", "value": "GMT"}),
    (typed("K", struct.pack(">I", 7) + b"k" * 32), "BackendKeyData", {"process_id": 7, "secret_key": b"k" * 32}),
    (typed("v", struct.pack(">HHI", 3, 0, 1) + b"_pq_.x\0"), "NegotiateProtocolVersion", {"option": "_pq_.x"}),
    (typed("Z", b"E"), "ReadyForQuery", {"transaction": "in a failed transaction"}),
    (typed("E", b"C42P01\0Mno\0zodd\0\0"), "ErrorResponse", {"code": "42P01", "message": "no", "field_z": "odd"}),
    (typed("N", b"SNOTICE\0\0"), "NoticeResponse", {"severity": "NOTICE"}),
    (typed("C", b"SELECT 3\0"), "CommandComplete", {"tag": "SELECT 3"}),
    (typed("D", struct.pack(">HI", 1, 2) + b"hi"), "DataRow", {"column 1": "hi"}),
    (typed("t", struct.pack(">HI", 1, 25)), "ParameterDescription", {"parameter_type": "text"}),
    (typed("G", struct.pack(">BHH", 0, 1, 0)), "CopyInResponse", {"column_format": "text"}),
    (typed("W", struct.pack(">BH", 1, 0)), "CopyBothResponse", {"format": "binary"}),
    (typed("A", struct.pack(">I", 9) + b"ch\0hi\0"), "NotificationResponse", {"channel": "ch", "payload": "hi"}),
    (typed("V", struct.pack(">i", -1)), "FunctionCallResponse", {"result": None}),
    *((typed(letter), kind, {}) for letter, kind in zip("123nsI", ("ParseComplete", "BindComplete", "CloseComplete",
      "NoData", "PortalSuspended", "EmptyQueryResponse"), strict=True)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "data", "kind", "values"),
    [("client", *each) for each in CLIENT] + [("server", *each) for each in SERVER],
    ids=[f"client {kind}" for _, kind, _ in CLIENT] + [f"server {kind}" for _, kind, _ in SERVER],
)
def test_every_kind(sender: str, data: bytes, kind: str, values: dict[str, object]) -> None:
    message = one(("client", STARTUP), (sender, data))
    assert (message.kind, message.status, message.raw) == (kind, Status.COMPLETE, data)
    assert {name: message.get(name) for name in values} == values


def test_rows_carry_the_names_of_their_columns_only_as_long_as_they_are_certain() -> None:
    column = struct.pack(">IHIhiH", 0, 0, 23, 4, -1, 0)
    description = typed("T", struct.pack(">H", 1) + b"price\0" + column)
    row = typed("D", struct.pack(">HI", 1, 2) + b"12")
    stream = description + row + typed("C", b"SELECT 1\0") + row
    kinds = list(decode([Captured(0, "client", STARTUP), Captured(0, "server", stream)]))
    assert (kinds[2].get("price"), kinds[4].get("price"), kinds[4].get("column 1")) == ("12", None, "12")


@pytest.mark.parametrize("request_bytes", [SSL_REQUEST, bytes.fromhex("0000000804d21630")])
def test_a_refusal_of_encryption_is_followed_by_a_session_in_the_clear(request_bytes: bytes) -> None:
    chunks = [("client", request_bytes), ("server", b"N"), ("client", STARTUP)]
    messages = list(decode(Captured(0, *each) for each in chunks))
    assert messages[1].get("answer") == "N"
    assert messages[2].kind == "StartupMessage"
    assert not any(message.remark for message in messages)


def test_a_server_too_old_or_too_busy_answers_with_an_error() -> None:
    message = one(("client", SSL_REQUEST), ("server", typed("E", b"Mno\0\0")))
    assert (message.kind, message.get("message")) == ("ErrorResponse", "no")


def test_bytes_stuffed_before_the_handshake_are_shown_as_what_they_are() -> None:
    stuffed = typed("R", struct.pack(">I", 0)) + typed("Z", b"I")
    hello = bytes.fromhex("160303000401000000")
    chunks = [("client", SSL_REQUEST), ("server", b"S" + stuffed + hello)]
    messages = list(decode(Captured(0, *each) for each in chunks))
    assert [message.kind for message in messages][2:4] == ["AuthenticationOk", "ReadyForQuery"]
    assert all("CVE-2021-23222" in message.remark for message in messages[2:4])
    assert messages[4].protocol == "TLS"
    early = one(("client", SSL_REQUEST + STARTUP))
    assert "before the server answered" in early.remark


def test_what_was_encrypted_never_becomes_clear_again() -> None:
    chunks = [
        ("client", SSL_REQUEST),
        ("server", b"S"),
        ("client", bytes.fromhex("1503030002015a")),
        ("client", STARTUP),
    ]
    messages = list(decode(Captured(0, *each) for each in chunks))
    assert [message.kind for message in messages][2:] == ["Alert", "Undecodable"]


def test_a_cancel_request_shows_its_key() -> None:
    message = one(("client", struct.pack(">IIII", 16, 80877102, 7, 0xABCD)))
    assert (message.kind, message.get("process_id"), message.get("secret_key")) == ("CancelRequest", 7, b"\0\0\xab\xcd")


def test_unknown_types_stay_unknown_and_lose_nothing() -> None:
    chunks = [("client", STARTUP + typed("y", b"??") + typed("S"))]
    messages = list(decode(Captured(0, *each) for each in chunks))
    assert [message.kind for message in messages] == ["StartupMessage", "Unknown", "Sync"]
    assert messages[1].status is Status.UNDECODABLE


def test_a_damaged_message_is_decoded_as_far_as_it_goes() -> None:
    message = one(("client", STARTUP + typed("P", b"s\0select 1\0" + struct.pack(">H", 9))))
    assert (message.get("query"), message.status) == ("select 1", Status.UNDECODABLE)
    more = one(("client", STARTUP + typed("Q", b"select 1\0rest")))
    assert (more.get("undecoded"), more.status) == (b"rest", Status.UNDECODABLE)


def test_a_message_over_the_limit_is_truncated_and_passed_over() -> None:
    size, limit = 5_000_000, 32 * 1024
    row = typed("D", struct.pack(">HI", 1, size) + bytes(size))
    conversation = Conversation(limit=limit)
    conversation.feed(Captured(0, "client", STARTUP))
    messages = []
    stream = row + typed("Z", b"I")
    for begin in range(0, len(stream), 60_000):
        messages += conversation.feed(Captured(0, "server", stream[begin : begin + 60_000]))
    assert [message.kind for message in messages] == ["DataRow", "ReadyForQuery"]
    assert (messages[0].status, messages[0].size, len(messages[0].raw)) == (Status.TRUNCATED, len(row), limit)


def test_a_stream_that_ends_in_a_message_shows_what_there_was() -> None:
    message = one(("client", STARTUP + typed("Q", b"select 1\0")[:-3]))
    assert (message.kind, message.status) == ("Query", Status.TRUNCATED)
    assert one(("client", STARTUP[:3])).kind == "Incomplete"
