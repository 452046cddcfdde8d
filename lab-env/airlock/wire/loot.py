"""What the attacker learned, as a value: computed from what he could read of the client's leg, and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from airlock.wire.captures import Connection

_SSL_REQUEST, _GSSENC_REQUEST, _CANCEL_REQUEST = 80877103, 80877104, 80877102
_TLS_HANDSHAKE = 0x16
_CLEARTEXT, _MD5, _SASL, _SASL_CONTINUE, _SASL_FINAL = 3, 5, 10, 11, 12

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Loot:
    """What was read. Empty fields were not seen.

    Attributes:
        user, database: from the start-up message.
        password: as the client sent it, in clear.
        hash: the answer to an md5 challenge, ``md5<32 hex digits>:<salt in hex>``: enough to guess passwords offline.
        scram: the messages of a SCRAM exchange in order: also enough, at 4096 hashes a guess, not enough to log in.
        sql: every statement.
        parameters: the values bound to statements, one tuple each time; None is NULL.
        rows: every row of every result; None is NULL, binary values are ``\\x`` and hex digits.
        bytes_read: bytes of PostgreSQL's protocol that were in clear for the attacker, in both directions.
    """

    user: str = ""
    database: str = ""
    password: str = ""
    hash: str = ""
    scram: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    parameters: tuple[Row, ...] = ()
    rows: tuple[Row, ...] = ()
    bytes_read: int = 0

    @property
    def is_session(self) -> bool:
        """Whether the attacker read what the session was for, or holds the password that opens the next one."""
        return bool(self.password or (self.sql and self.rows))

    def to_plain(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


def loot(connections: Iterable[Connection]) -> Loot:
    """Everything learned from these connections. Never raises: bytes that are not PostgreSQL's teach nothing."""
    total = Loot()
    for connection in connections:
        chunks = connection.readable("client")
        streams = (b"".join(c.data for c in chunks if c.sender == side) for side in ("client", "server"))
        total = _join(total, read(*streams))
    return total


def read(client: bytes, server: bytes) -> Loot:
    """What one session gives away: all that its client and its server sent, from the first byte on."""
    begin, replies = _opening(client, server)
    if begin is None:
        return Loot()
    client, server = client[begin:], server[replies:]
    packet = client[: _length(client, 0)]
    if len(packet) < 8 or _number(packet, 4) == _CANCEL_REQUEST:
        return Loot(bytes_read=len(client) + len(server))
    words = [word.decode(errors="replace") for word in packet[8:].split(b"\0")]
    named = dict(zip(words[::2], words[1::2], strict=False))
    asked, rows = _from_server(server)
    said = _from_client(client[len(packet) :], asked)
    return Loot(
        user=named.get("user", ""),
        database=named.get("database", ""),
        rows=rows,
        bytes_read=len(client) + len(server),
        **said,
    )


def _opening(client: bytes, server: bytes) -> tuple[int | None, int]:
    """Where the session proper begins in either stream; None when all that follows is TLS that was not opened."""
    at = replies = 0
    while len(client) >= at + 8 and _number(client, at + 4) in {_SSL_REQUEST, _GSSENC_REQUEST}:
        if server[replies : replies + 1] in {b"S", b"G"}:
            return None, 0
        at, replies = at + 8, replies + 1
    if len(client) <= at or client[at] == _TLS_HANDSHAKE:
        return None, 0
    return at, replies


def _from_server(stream: bytes) -> tuple[list[tuple[int, bytes]], tuple[Row, ...]]:
    """What the server asked for (code and data), and the rows it sent."""
    asked: list[tuple[int, bytes]] = []
    rows: list[Row] = []
    formats: tuple[int, ...] = ()
    for tag, body in _messages(stream):
        try:
            if tag == b"R":
                asked.append((_number(body, 0), body[4:]))
            elif tag == b"T":
                formats = _column_formats(body)
            elif tag == b"D":
                rows.append(_values(body, 0, formats))
        except struct.error:
            continue  # cut short
    return asked, tuple(rows)


def _from_client(stream: bytes, asked: list[tuple[int, bytes]]) -> dict[str, Any]:
    """Credentials, statements and parameters. A password message means what the server had asked for."""
    answers: list[bytes] = []
    sql: list[str] = []
    parameters: list[Row] = []
    for tag, body in _messages(stream):
        try:
            if tag == b"p":
                answers.append(body)
            elif tag == b"Q":
                sql.append(_text(body.split(b"\0")[0]))
            elif tag == b"P":
                sql.append(_text(body.split(b"\0")[1]))
            elif tag == b"B" and (values := _bound(body)):
                parameters.append(values)
        except (struct.error, IndexError, ValueError):
            continue  # cut short
    return {**_credentials(asked, answers), "sql": tuple(sql), "parameters": tuple(parameters)}


def _credentials(asked: list[tuple[int, bytes]], answers: list[bytes]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    scram: list[str] = []
    pending = iter(answers)
    for code, data in asked:
        if code in {_SASL_CONTINUE, _SASL_FINAL}:
            scram.append(_text(data))
        if code not in {_CLEARTEXT, _MD5, _SASL, _SASL_CONTINUE}:
            continue
        answer = next(pending, b"")
        if code == _CLEARTEXT:
            found["password"] = _text(answer.split(b"\0")[0])
        elif code == _MD5 and answer:
            found["hash"] = f"{_text(answer.split(bytes(1))[0])}:{data[:4].hex()}"
        elif code == _SASL and answer:
            scram.append(_text(answer.split(b"\0", 1)[-1][4:]))
        elif code == _SASL_CONTINUE and answer:
            scram.append(_text(answer))
    return found | {"scram": tuple(scram)}


def _messages(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while len(stream) >= at + 5 and (length := _number(stream, at + 1)) >= 4:
        yield stream[at : at + 1], stream[at + 5 : at + 1 + length]
        at += 1 + length


def _column_formats(body: bytes) -> tuple[int, ...]:
    formats, at = [], 2
    for _ in range(_short(body, 0)):
        at = body.find(b"\0", at) + 19  # a name, then 18 bytes that end with the format
        formats.append(_short(body, at - 2))
    return tuple(formats)


def _bound(body: bytes) -> Row:
    _portal, _statement, rest = body.split(b"\0", 2)
    count = _short(rest, 0)
    return _values(rest, 2 + 2 * count, struct.unpack_from(f"!{count}H", rest, 2))


def _values(body: bytes, at: int, formats: tuple[int, ...]) -> Row:
    values: list[str | None] = []
    count, at = _short(body, at), at + 2
    for index in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        data, at = body[at + 4 : at + 4 + max(length, 0)], at + 4 + max(length, 0)
        # One format for all, or one for each (PostgreSQL's Bind); none at all means text.
        binary = formats[index if index < len(formats) else 0] if formats else 0
        values.append(None if length < 0 else "\\x" + data.hex() if binary else _text(data))
    return tuple(values)


def _join(one: Loot, other: Loot) -> Loot:
    merged: dict[str, Any] = {}
    for each in fields(Loot):
        earlier, later = getattr(one, each.name), getattr(other, each.name)
        merged[each.name] = (later or earlier) if isinstance(earlier, str) else earlier + later
    return Loot(**merged)


def _length(data: bytes, at: int) -> int:
    return _number(data, at) if len(data) >= at + 4 else 0


def _number(data: bytes, at: int) -> int:
    return int(struct.unpack_from("!I", data, at)[0])


def _short(data: bytes, at: int) -> int:
    return int(struct.unpack_from("!H", data, at)[0])


def _text(data: bytes) -> str:
    return data.decode(errors="backslashreplace")
