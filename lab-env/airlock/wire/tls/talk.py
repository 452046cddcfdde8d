"""A TLS conversation: records, the handshake messages in them, and what stays closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from airlock.wire.flow import BLOCK, all_of_it
from airlock.wire.message import Message, Shape
from airlock.wire.notes import Notes
from airlock.wire.tls.alerts import ALERT
from airlock.wire.tls.assembly import Assembly, headed
from airlock.wire.tls.handshake import PROTOCOL, RECORD_HEADER, Session, record_header
from airlock.wire.tls.keylog import KeyLog
from airlock.wire.tls.names import CONTENT_TYPES
from airlock.wire.tls.opener import Listener, Opener
from airlock.wire.tls.schedule import cipher_of
from airlock.wire.tls.suites import TLS13_NAMES

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA, _HEARTBEAT = CONTENT_TYPES
_LONGEST = (1 << 14) + 2048
"""Bytes of a record's content: 2^14 of plaintext, and what encryption may add (RFC 5246, 6.2.3)."""


class Tls:
    """Both sides of one TLS connection. With a key log, encrypted records are opened; ``listen`` as in `Opener`."""

    def __init__(self, limit: int, keylog: KeyLog | None, listen: Callable[[str], Listener]) -> None:
        self._session = Session()
        self._assembly = {side: Assembly(self._session, limit) for side in ("client", "server")}
        self._opener = Opener(keylog, self._session, limit, listen) if keylog else None
        self._changed: set[str] = set()  # sent ChangeCipherSpec: up to TLS 1.2 what follows is encrypted
        self._lost: set[str] = set()

    def measure(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        """See `Talk.measure`."""
        if sender in self._lost:
            return BLOCK, _LOST
        if len(data) - at < RECORD_HEADER:
            return None
        size = int.from_bytes(data[at + 3 : at + 5])
        if data[at] not in CONTENT_TYPES or data[at + 1] != 3 or size > _LONGEST:
            self._lost.add(sender)
            return BLOCK, _LOST
        return RECORD_HEADER + size, self._record(sender, data[at], size)

    def accept(self, message: Message) -> Sequence[Message]:
        """See `Talk.accept`."""
        sender = message.sender
        if message.shape is _FRAGMENT:
            return list(map(self._learned, self._assembly[sender].add(message)))
        if message.kind == "ChangeCipherSpec":
            self._changed.add(sender)
            if self._opener:
                self._opener.changed(sender)
        elif message.kind == "EncryptedRecord" and self._opener:
            message = self._opener.open(message)
        return [*self._assembly[sender].cut_short(sender, message.time), message]

    def finish(self, sender: str, time: float) -> Sequence[Message]:
        """See `Talk.finish`."""
        return list(self._assembly[sender].cut_short(sender, time))

    def _record(self, sender: str, content_type: int, size: int) -> Shape:
        """What a record is, from what its sender does and both agreed on."""
        closed = sender in self._changed and self._session.version not in ("", "TLS 1.3")
        if content_type == _APPLICATION_DATA or (closed and content_type != _CHANGE_CIPHER_SPEC):
            return Shape(PROTOCOL, "EncryptedRecord", _CLOSED, partial(_encrypted, self._session.suite))
        if content_type == _HANDSHAKE:
            return _FRAGMENT if size else _EMPTY
        if content_type == _HEARTBEAT:
            return _HEARTBEAT_SHAPE
        return ALERT if content_type == _ALERT else _CHANGE

    def _learned(self, message: Message) -> Message:
        """The message, once it has been learned what it settles."""
        session = self._session
        if message.kind == "ClientHello":
            session.client_random = _random(message)
        elif message.kind in ("ServerHello", "HelloRetryRequest"):
            version = message.get("selected_version") or message.get("legacy_version")
            session.version, session.suite = str(version), str(message.get("cipher_suite"))
            session.protocol, session.server_random = str(message.get("protocol") or ""), _random(message)
            if self._opener and message.kind == "ServerHello":
                self._opener.agreed()
        return message


def _random(hello: Message) -> bytes:
    value = hello.get("random")
    return value if isinstance(value, bytes) else b""


def _change(notes: Notes) -> None:
    record_header(notes)
    notes.number(1, "change_cipher_spec", "always 1")


def _encrypted(suite: str, notes: Notes) -> None:
    record_header(notes)
    cipher, modern = cipher_of(suite), suite in TLS13_NAMES
    tag, explicit = (cipher.tag, cipher.explicit) if cipher else (0, 0)
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


_CLOSED = "encrypted: an eavesdropper learns who sends, when, and how much; TLS 1.3 even hides what kind it is"
_FRAGMENT = Shape(PROTOCOL, "Handshake", "a piece of a handshake message", headed)
_EMPTY = Shape(PROTOCOL, "Handshake", "an empty record, which TLS forbids", headed, known=False)
_CHANGE = Shape(PROTOCOL, "ChangeCipherSpec", "up to TLS 1.2: encrypted from here on; a decoy in TLS 1.3", _change)
_HEARTBEAT_SHAPE = Shape(PROTOCOL, "Heartbeat", "keeps a connection alive; made infamous by Heartbleed", headed)
_LOST = Shape(PROTOCOL, "Undecodable", "bytes that no TLS record begins with", all_of_it, known=False, elastic=True)
