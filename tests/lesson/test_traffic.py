"""The side-by-side viewer's model: recordings made by hand and real ones, turned into rows and knowledge."""

from __future__ import annotations

import struct

import pytest

from airlock.lesson import traffic
from airlock.lesson.anatomy import counted, shown, span, take_apart
from airlock.lesson.traffic import Filter, Packet, Tap
from airlock.pki import Authority
from airlock.wire import Field
from airlock.wire.captures import Captured
from tests.wire.talks import SSL_REQUEST, context, tls

QUERY = "select 1"


def tagged(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack("!i", len(body) + 4) + body


STARTUP = struct.pack("!ii", 28, 196608) + b"user\0app\0\0"
STARTUP = struct.pack("!i", len(STARTUP)) + STARTUP[4:]
PLAIN = [
    Captured(10.0, "client", STARTUP),
    Captured(10.001, "server", tagged(b"R", struct.pack("!i", 3))),
    Captured(10.002, "client", tagged(b"p", b"s3cret\0")),
    Captured(10.003, "server", tagged(b"R", struct.pack("!i", 0))),
    Captured(10.010, "client", tagged(b"Q", b"select 1\0")),
    Captured(10.011, "server", tagged(b"D", struct.pack("!hi", 1, 4) + b"Hana") + tagged(b"C", b"SELECT 1\0")),
]


@pytest.fixture(scope="module")
def sealed() -> Tap:
    authority = Authority.root("Test Root")
    server = context(authority.server("db", ["localhost"]))
    chunks, _ = tls(context(trust=authority.identity.certificate_pem), server, say=(b"select 1", b"Hana"))
    begin = chunks[0].time
    asked = [Captured(begin - 0.002, "client", SSL_REQUEST), Captured(begin - 0.001, "server", b"S")]
    return traffic.tap("on", [*asked, *chunks], {"the SQL": QUERY})


@pytest.fixture
def plain() -> Tap:
    return traffic.tap("off", PLAIN, {"the SQL": QUERY, "the password": "s3cret", "nothing": ""})


def facts(link: Tap, number: int) -> dict[str, str]:
    return {fact.name: fact.value for fact in traffic.knowledge(link, link.packets[number])}


def test_a_tap_holds_messages_sizes_and_what_was_readable(plain: Tap) -> None:
    assert [each.message.kind for each in plain.packets][-3:] == ["Query", "DataRow", "CommandComplete"]
    assert [each.number for each in plain.packets] == list(range(7))
    assert plain.packets[4].seconds == pytest.approx(0.010)
    assert plain.size == sum(len(chunk.data) for chunk in PLAIN)
    assert plain.found == {"the SQL": True, "the password": True}


def test_a_secret_split_over_two_chunks_is_found() -> None:
    halves = [Captured(1.0, "server", b"Ha"), Captured(1.1, "server", b"na")]
    assert traffic.tap("off", halves, {"a row": "Hana"}).found == {"a row": True}


def test_no_recording_is_no_error() -> None:
    empty = traffic.tap("off", [], {"x": "y"})
    assert empty.found == {"x": False}
    assert traffic.rows(empty, empty) == []
    assert {fact.value for fact in traffic.knowledge(empty, None)} == {"", "0 of 0"}


def at(*milliseconds: float) -> list[Packet]:
    chunks = [Captured(each / 1000, "server", tagged(b"Z", b"I")) for each in (0.0, *milliseconds)]
    return traffic.tap("", [Captured(0.0, "client", STARTUP), *chunks], {}).packets[2:]


def test_messages_at_one_moment_share_a_row_and_order_is_kept() -> None:
    rows = traffic.align(at(1, 1, 2, 9), at(1.2, 5, 8.8))
    times = [tuple(each and round(each.seconds * 1000, 1) for each in (row.left, row.right)) for row in rows]
    assert times == [(1, 1.2), (1, None), (2, None), (None, 5), (9, 8.8)]


def test_every_message_is_in_exactly_one_row(plain: Tap, sealed: Tap) -> None:
    rows = traffic.rows(plain, sealed)
    assert [row.left for row in rows if row.left] == plain.packets
    assert [row.right for row in rows if row.right] == sealed.packets
    for index, (left, right) in enumerate(traffic.moments(rows, plain, sealed)):
        assert left == next((row.left for row in reversed(rows[: index + 1]) if row.left), None)
        assert right == next((row.right for row in reversed(rows[: index + 1]) if row.right), None)


def test_filters(plain: Tap, sealed: Tap) -> None:
    def left(wanted: Filter) -> list[str]:
        return [row.left.message.kind for row in traffic.rows(plain, sealed, wanted) if row.left]

    assert left(Filter(sender="client")) == ["StartupMessage", "PasswordMessage", "Query"]
    assert left(Filter(kind="Query")) == ["Query"]
    assert left(Filter(text="HANA")) == ["DataRow"]
    assert left(Filter(text="datarow")) == ["DataRow"]
    assert not any(row.right for row in traffic.rows(plain, sealed, Filter(text=QUERY)))
    assert traffic.rows(plain, sealed, Filter(text="nowhere at all")) == []


def test_knowledge_grows_on_the_plain_link(plain: Tap) -> None:
    assert facts(plain, 0)["Login"] == "app"
    assert facts(plain, 1)["Password"] == ""
    assert facts(plain, 2)["Password"] == "s3cret"
    assert facts(plain, 3)["Login"] == "app, let in"
    assert facts(plain, 5) | {"SQL": QUERY, "Rows": "1; the last one: Hana"} == facts(plain, 5)
    for before, fresh in ((3, ["SQL"]), (4, []), (1, ["Login", "Password", "SQL"])):
        now = traffic.knowledge(plain, plain.packets[4], plain.packets[before])
        assert [fact.name for fact in now if fact.fresh] == fresh


def test_an_encrypted_link_tells_its_protocol_and_name_and_nothing_else(sealed: Tap) -> None:
    assert facts(sealed, 0)["Protocol"] == "PostgreSQL, and it asks for TLS"
    known = facts(sealed, len(sealed.packets) - 1)
    assert known.pop("Protocol").startswith("PostgreSQL inside TLS 1.3, TLS_")
    assert known.pop("Server name") == "localhost"
    assert known.pop("Bytes read") == f"0 of {sealed.size:,}"
    assert set(known.values()) == {""}
    assert sealed.found == {"the SQL": False}


def test_a_message_taken_apart_has_its_bytes_and_marks_them(plain: Tap) -> None:
    page = take_apart(plain.packets[4].message, "x")
    assert "#x:has(.r2 :checked) .f2" in page
    assert '<b class="f2 t2">73 65 6c</b>' in page
    assert "bytes 5 to 13" in page
    assert "<code>select 1</code>" in page


def test_bytes_of_a_stranger_are_escaped() -> None:
    evil = tagged(b"Q", b"<script>alert(1)</script>\0")
    link = traffic.tap("off", [PLAIN[0], Captured(11.0, "client", evil)], {})
    assert "<script" not in take_apart(link.packets[1].message, "x")


def test_a_long_message_is_cut(sealed: Tap) -> None:
    link = traffic.tap("off", [PLAIN[0], Captured(11.0, "client", tagged(b"Q", b"x" * 5000 + b"\0"))], {})
    assert "2,958 bytes more, not drawn." in take_apart(link.packets[1].message, "x")
    for packet in sealed.packets:
        assert take_apart(packet.message, "x").count("<input") == min(len(packet.message.fields), 250)


def test_words() -> None:
    assert (counted(1), counted(1200)) == ("1 byte", "1,200 bytes")
    assert (shown(None), shown(b"\x01\x02"), shown(7), len(shown("x" * 500))) == ("", "0x0102", "7", 200)
    assert [span(Field("n", 4, size, None, "")) for size in (0, 1, 2)] == ["before byte 4", "byte 4", "bytes 4 to 5"]
