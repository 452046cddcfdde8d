"""One message on the wire: what it is, who sent it, and what each of its bytes means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from airlock.wire.notes import Field, Malformed, Notes, Value

Annotate: TypeAlias = Callable[[Notes], None]


class Status(StrEnum):
    """How much of a message is known."""

    COMPLETE = "complete"
    """Every byte is here and follows the format (encrypted content counts: it is meant to be unreadable)."""
    TRUNCATED = "truncated"
    """Bytes are missing: the stream ended, or the message is over the size limit and only its beginning is kept."""
    UNDECODABLE = "undecodable"
    """The bytes are here but do not follow the format, or are of a kind that is not known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a message is, known from its first bytes; ``annotate`` reads the rest of it."""

    protocol: str
    kind: str
    explanation: str
    annotate: Annotate = field(repr=False, compare=False)
    remark: str = ""
    known: bool = True
    elastic: bool = False
    """True for a block of a stream without messages: a shorter one is not a truncated one."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How an encrypted record was opened with the session's key log. ``repr`` hides the key and what it opened.

    Attributes:
        secret: the label of the key log's line that the key was derived from.
        updates: how many KeyUpdates lie between that secret and this key.
        cipher: ``AES_256_GCM`` and the like.
        key, iv: what was derived.
        sequence: the record's number under this key, from 0; it is counted, never sent.
        nonce: made of ``iv`` and the number (or, in TLS 1.2's GCM and CCM, of ``iv`` and what the record carries).
        additional: bytes that the tag covers and that are not encrypted.
        content_type: what the record really holds, such as ``handshake``.
        content: that, without TLS 1.3's type byte and padding.
        padding: zero bytes that hid its length.
    """

    secret: str
    updates: int
    cipher: str
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    sequence: int
    nonce: bytes
    additional: bytes
    content_type: str
    content: bytes = field(repr=False)
    padding: int


@dataclass(slots=True)
class Message:
    """One message as it passed. Fields are read from the bytes when first asked for, then kept.

    ``time`` is when its last byte passed, in seconds since the epoch. ``raw`` is what it occupied on the wire, TLS
    record headers included; ``size`` is how many bytes that were: more than ``len(raw)`` when it was over the limit.
    """

    shape: Shape
    sender: str
    time: float
    raw: bytes
    size: int
    whole: bool = True
    """False when the stream ended before this message did."""
    opening: Opening | None = None
    """How an encrypted record was opened, where the session's keys were given and fit."""
    inside: tuple[Message, ...] = ()
    """The messages that an opened record completed; their ``raw`` and offsets count in the decrypted content."""
    _read: tuple[tuple[Field, ...], Status] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def protocol(self) -> str:
        """``PostgreSQL``, ``TLS`` or ``HTTP``; ``unknown`` before there was enough to tell."""
        return self.shape.protocol

    @property
    def kind(self) -> str:
        """The name the protocol's documentation gives it: ``StartupMessage``, ``Query``, ``ClientHello`` …"""
        return self.shape.kind

    @property
    def explanation(self) -> str:
        """One line: what such a message is for."""
        return self.shape.explanation

    @property
    def remark(self) -> str:
        """One line about this one in its place, such as bytes stuffed before a handshake; mostly empty."""
        return self.shape.remark

    @property
    def fields(self) -> tuple[Field, ...]:
        """What each byte means, in the order of the bytes, a group before its members (``depth`` tells them apart)."""
        return self._parsed()[0]

    @property
    def status(self) -> Status:
        """Whether it is all here and understood."""
        return self._parsed()[1]

    def get(self, name: str, default: Value = None) -> Value:
        """The value of the first field of that name."""
        return next((each.value for each in self.fields if each.name == name), default)

    def all(self, name: str) -> list[Value]:
        """The values of every field of that name, in order."""
        return [each.value for each in self.fields if each.name == name]

    def _parsed(self) -> tuple[tuple[Field, ...], Status]:
        if self._read is None:
            self._read = self._parse()
        return self._read

    def _parse(self) -> tuple[tuple[Field, ...], Status]:
        notes = Notes(self.raw)
        missing = len(self.raw) < self.size or not self.whole
        try:
            self.shape.annotate(notes)
            notes.end()
        except Malformed as problem:
            notes.give_up(f"the message ends here: {problem}" if missing else str(problem))
        if missing and not self.shape.elastic:
            status = Status.TRUNCATED
        elif notes.malformed or not self.shape.known:
            status = Status.UNDECODABLE
        else:
            status = Status.COMPLETE
        return notes.in_order(), status
