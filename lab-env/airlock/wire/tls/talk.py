"""A TLS conversation: records, the handshake messages in them, and what stays closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from airlock.wire.flow import BLOCK, all_of_it
from airlock.wire.message import Message, Shape
from airlock.wire.notes import Notes
from airlock.wire.tls.handshake import PROTOCOL, RECORD_HEADER, Session, handshake_shape, record_header, without_headers
from airlock.wire.tls.names import ALERT_LEVELS, ALERT_MEANINGS, ALERTS, CONTENT_TYPES

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA, _HEARTBEAT = CONTENT_TYPES
_LONGEST = (1 << 14) + 2048
"""Bytes of a record's content: 2^14 of plaintext, and what encryption may add (RFC 5246, 6.2.3)."""


@dataclass
class _Side:
    """What one side is in the middle of."""

    raw: bytearray = field(default_factory=bytearray)
    """Handshake bytes, record headers included, that no complete message was made of yet."""
    headers: list[int] = field(default_factory=list)
    """Where in ``raw`` record headers are."""
    body: bytearray = field(default_factory=bytearray)
    """``raw`` without them."""
    beyond: int = 0
    """Bytes still to come of a message over the limit."""
    changed: bool = False
    """It sent ChangeCipherSpec: up to TLS 1.2 everything after it is encrypted."""
    lost: bool = False

    def drop(self) -> bytes:
        """Forget what was held; it."""
        raw = bytes(self.raw)
        self.raw.clear()
        self.body.clear()
        self.headers.clear()
        return raw


class Tls:
    """Both sides of one TLS connection."""

    def __init__(self, limit: int) -> None:
        self.session = Session()
        self._limit = limit
        self._sides = {"client": _Side(), "server": _Side()}

    def measure(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        """See `Talk.measure`."""
        side = self._sides[sender]
        if side.lost:
            return BLOCK, _LOST
        if len(data) - at < RECORD_HEADER:
            return None
        size = int.from_bytes(data[at + 3 : at + 5])
        if data[at] not in CONTENT_TYPES or data[at + 1] != 3 or size > _LONGEST:
            side.lost = True
            return BLOCK, _LOST
        return RECORD_HEADER + size, self._record(side, data[at], size)

    def accept(self, message: Message) -> Sequence[Message]:
        """See `Talk.accept`."""
        side = self._sides[message.sender]
        if message.shape is _FRAGMENT:
            return list(self._assemble(side, message))
        if message.kind == "ChangeCipherSpec":
            side.changed = True
        return [*self._cut_short(side, message.sender, message.time), message]

    def finish(self, sender: str, time: float) -> Sequence[Message]:
        """See `Talk.finish`."""
        return list(self._cut_short(self._sides[sender], sender, time))

    def _record(self, side: _Side, content_type: int, size: int) -> Shape:
        """What a record is, from what its sender does and both agreed on."""
        closed = side.changed and self.session.version not in ("", "TLS 1.3")
        if content_type == _APPLICATION_DATA or (closed and content_type != _CHANGE_CIPHER_SPEC):
            return Shape(PROTOCOL, "EncryptedRecord", _CLOSED, partial(_encrypted, self.session.suite))
        if content_type == _HANDSHAKE:
            return _FRAGMENT if size else _EMPTY
        if content_type == _HEARTBEAT:
            return _HEARTBEAT_SHAPE
        return _ALERT_SHAPE if content_type == _ALERT else _CHANGE

    def _assemble(self, side: _Side, record: Message) -> Iterator[Message]:
        """Handshake messages, however they are spread over records."""
        raw, content = record.raw, record.raw[RECORD_HEADER:]
        if side.beyond:
            step = min(side.beyond, len(content))
            side.beyond -= step
            piece = raw[: RECORD_HEADER + step]
            yield Message(_CONTINUED, record.sender, record.time, piece, len(piece), whole=False)
            raw = content = content[step:]
        if len(raw) > len(content):
            side.headers.append(len(side.raw))
        side.raw += raw
        side.body += content
        while len(side.body) >= 4:
            size = 4 + int.from_bytes(side.body[1:4])
            shape = handshake_shape(bytes(side.body[:38]), side.headers, self.session)
            if shape is None:
                shape = _garbled(side.headers)
                raw = side.drop()
                yield Message(shape, record.sender, record.time, raw, len(raw))
                return
            if len(side.body) < size:
                if size > self._limit:
                    side.beyond = size - len(side.body)
                    raw = side.drop()
                    yield Message(shape, record.sender, record.time, raw, len(raw), whole=False)
                return
            end = size + RECORD_HEADER * len(side.headers)
            message = Message(shape, record.sender, record.time, bytes(side.raw[:end]), end)
            del side.raw[:end], side.body[:size]
            side.headers.clear()
            self._learn(message)
            yield message

    def _learn(self, message: Message) -> None:
        if message.kind in ("ServerHello", "HelloRetryRequest"):
            version = message.get("selected_version") or message.get("legacy_version")
            self.session.version, self.session.suite = str(version), str(message.get("cipher_suite"))

    def _cut_short(self, side: _Side, sender: str, time: float) -> Iterator[Message]:
        """The handshake message that was begun and will not be finished."""
        side.beyond = 0
        if not side.raw:
            return
        headers, body = tuple(side.headers), bytes(side.body[:38])
        shape = handshake_shape(body, headers, self.session) if body else None
        raw = side.drop()
        yield Message(shape or _garbled(headers), sender, time, raw, len(raw), whole=False)


def _alert(notes: Notes) -> None:
    record_header(notes)
    notes.number(1, "level", "TLS 1.3 ignores it: every alert but close_notify ends the connection", ALERT_LEVELS)
    number = int.from_bytes(notes.peek(1))
    notes.number(1, "description", ALERT_MEANINGS.get(number, "why the sender ends the connection"), ALERTS)


def _change(notes: Notes) -> None:
    record_header(notes)
    notes.number(1, "change_cipher_spec", "always 1")


def _encrypted(suite: str, notes: Notes) -> None:
    record_header(notes)
    modern = "WITH" not in suite and suite != ""
    tag = 8 if "CCM_8" in suite else 16 if modern or any(mode in suite for mode in ("GCM", "CCM", "CHACHA")) else 0
    explicit = 8 if not modern and ("GCM" in suite or "CCM" in suite) else 0
    if notes.left < tag + explicit:
        tag = explicit = 0
    if explicit:
        notes.take(explicit, "explicit_nonce", "a number used once; with the key it makes this record's key stream")
    size = notes.left - tag
    why = "unreadable without the session's keys; its length is not hidden"
    if modern and tag:
        why = (
            f"unreadable without the session's keys: {size - 1} bytes or fewer, and one that says of what type they are"
        )
    notes.take(size, "ciphertext", why)
    if tag:
        notes.take(tag, "tag", "authenticates the record: one changed bit, and the receiver ends the connection")


def _garbled(headers: Sequence[int]) -> Shape:
    annotate = partial(_pieces, tuple(headers))
    return Shape(PROTOCOL, "Handshake", "no handshake message that is known", annotate, known=False)


def _pieces(headers: tuple[int, ...], notes: Notes) -> None:
    without_headers(notes, headers)
    all_of_it(notes)


def _headed(notes: Notes) -> None:
    record_header(notes)
    all_of_it(notes)


_CLOSED = "encrypted: an eavesdropper learns who sends, when, and how much; TLS 1.3 even hides what kind it is"
_FRAGMENT = Shape(PROTOCOL, "Handshake", "a piece of a handshake message", _headed)
_EMPTY = Shape(PROTOCOL, "Handshake", "an empty record, which TLS forbids", _headed, known=False)
_CONTINUED = Shape(PROTOCOL, "HandshakeContinuation", "more of a message that is over the size limit", _headed)
_ALERT_SHAPE = Shape(PROTOCOL, "Alert", "says why a connection ends", _alert)
_CHANGE = Shape(PROTOCOL, "ChangeCipherSpec", "up to TLS 1.2: encrypted from here on; a decoy in TLS 1.3", _change)
_HEARTBEAT_SHAPE = Shape(PROTOCOL, "Heartbeat", "keeps a connection alive; made infamous by Heartbleed", _headed)
_LOST = Shape(PROTOCOL, "Undecodable", "bytes that no TLS record begins with", all_of_it, known=False, elastic=True)
