"""Opening the records of a session with its key log: which key is whose turn, and what was inside.

Both versions change keys as they go. TLS 1.3 has a secret for the handshake and another for what follows, and each
side makes its next one when it sends KeyUpdate; up to TLS 1.2 one set of keys begins with ChangeCipherSpec. Whether
a key is the right one is not guessed: the record's tag fits or it does not. Early data (0-RTT) stays closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from airlock.wire.captures import Captured
from airlock.wire.flow import all_of_it
from airlock.wire.message import Message, Opening, Shape
from airlock.wire.tls.alerts import ALERT_INSIDE
from airlock.wire.tls.assembly import Assembly
from airlock.wire.tls.handshake import PROTOCOL, Session
from airlock.wire.tls.keylog import HANDSHAKE, MASTER, TRAFFIC, KeyLog
from airlock.wire.tls.protection import Protection
from airlock.wire.tls.schedule import cipher_of, key_block
from airlock.wire.tls.suites import TLS13_NAMES

_ANOTHER_SESSION = "closed: the key log has no secret for this session"
_NO_SECRET = "closed: the key log has no secret for this part of the session"
_NO_CIPHER = "closed: suites that do not authenticate with their key (no AEAD) are not opened here"
_NO_FIT = "closed: the tag does not fit; the key is another's, or the record was changed on its way"


class Listener(Protocol):
    """Decodes what was inside (`airlock.wire.Conversation`)."""

    def feed(self, chunk: Captured) -> list[Message]: ...


class Opener:
    """Opens both directions of one TLS connection.

    ``listen`` begins to decode what is spoken inside, by its ALPN name, which may be empty. ``session`` is what both
    sides agreed on, kept by the caller.
    """

    def __init__(self, keylog: KeyLog, session: Session, limit: int, listen: Callable[[str], Listener]) -> None:
        self._keylog, self._session, self._listen = keylog, session, listen
        self._ready: dict[str, Protection] = {}  # up to TLS 1.2: to be used after ChangeCipherSpec
        self._current: dict[str, Protection | None] = {"client": None, "server": None}
        self._why = _ANOTHER_SESSION
        self._assembly = {side: Assembly(session, limit, header=0) for side in ("client", "server")}
        self._inner: Listener | None = None
        self._gaps: set[str] = set()  # sides of whose application data a record is missing

    def agreed(self) -> None:
        """The server has chosen version and suite: make what keys there are."""
        cipher, session = cipher_of(self._session.suite), self._session
        if cipher is None or session.modern != (session.suite in TLS13_NAMES):
            self._why = _NO_CIPHER
        elif session.modern:
            self._current = {side: self._of_label(HANDSHAKE[side]) or self._of_label(TRAFFIC[side]) for side in TRAFFIC}
        elif master := self._keylog.secret(session.client_random, MASTER):
            pairs = key_block(cipher, master, session.client_random, session.server_random)
            self._ready = {side: Protection(cipher, MASTER, keys) for side, keys in pairs.items()}

    def changed(self, sender: str) -> None:
        """A side sent ChangeCipherSpec; TLS 1.3 means nothing by it."""
        self._current[sender] = self._ready.pop(sender, self._current[sender])

    def open(self, record: Message) -> Message:
        """The record with what was inside, or with a remark why it stays closed."""
        sender = record.sender
        for protection in (self._current[sender], self._following(sender)):
            if protection and (opening := protection.open(record.raw)):
                self._current[sender] = protection
                record.opening, record.inside = opening, tuple(self._inside(record, opening))
                return record
        return self._closed(record)

    def _closed(self, record: Message) -> Message:
        protection = self._current[record.sender]
        if protection and protection.used and protection.label not in HANDSHAKE.values():
            self._gaps.add(record.sender)
        for _ in self._assembly[record.sender].cut_short(record.sender, record.time):
            pass  # the message it belonged to will never be complete
        record.shape = replace(record.shape, remark=_NO_FIT if protection else self._why)
        return record

    def _following(self, sender: str) -> Protection | None:
        """What protects this direction after the key in use."""
        current = self._current[sender]
        if current and current.label == HANDSHAKE[sender]:
            return self._of_label(TRAFFIC[sender])
        return current.updated() if current else None

    def _of_label(self, label: str) -> Protection | None:
        secret, cipher = self._keylog.secret(self._session.client_random, label), cipher_of(self._session.suite)
        if secret is None or cipher is None:
            return None
        self._why = _NO_SECRET  # should another one be needed
        return Protection.of_secret(cipher, label, secret)

    def _inside(self, record: Message, opening: Opening) -> Sequence[Message]:
        sender, time, content = record.sender, record.time, opening.content
        whole = Message(_CONTENT, sender, time, content, len(content))
        if opening.content_type == "handshake":
            return list(map(self._learned, self._assembly[sender].add(whole)))
        cut = list(self._assembly[sender].cut_short(sender, time))
        if opening.content_type == "application_data" and sender not in self._gaps:
            self._inner = self._inner or self._listen(self._session.protocol)
            return [*cut, *self._inner.feed(Captured(time, sender, content))]
        if opening.content_type == "alert":
            whole.shape = ALERT_INSIDE
        return [*cut, whole]

    def _learned(self, message: Message) -> Message:
        """The message, once its sender's keys have changed as it says."""
        sender, current = message.sender, self._current[message.sender]
        if message.kind == "EncryptedExtensions":
            self._session.protocol = str(message.get("protocol") or "")
        # A client that shows its certificate later sends Finished again, and keeps its keys.
        ends = message.kind == "Finished" and current and current.label == HANDSHAKE[sender]
        if ends or message.kind == "KeyUpdate":
            self._current[sender] = self._following(sender)
        return message


_CONTENT = Shape(PROTOCOL, "Content", "what the record held; nothing more is known about it", all_of_it, known=False)
