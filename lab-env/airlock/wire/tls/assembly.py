"""Handshake messages out of the records they came in: several may share one, and one may span several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from airlock.wire.flow import all_of_it
from airlock.wire.message import Message, Shape
from airlock.wire.notes import Notes
from airlock.wire.tls.handshake import PROTOCOL, RECORD_HEADER, Session, handshake_shape, record_header, without_headers


class Assembly:
    """What one side has sent of handshake messages that are not complete yet.

    ``header`` is how many bytes come before the content of what is added: a record's, or none in one that was opened.
    """

    def __init__(self, session: Session, limit: int, header: int = RECORD_HEADER) -> None:
        self._session = session
        self._limit = limit
        self._header = header
        self._raw = bytearray()  # handshake bytes, record headers included
        self._headers: list[int] = []  # where in them record headers are
        self._body = bytearray()  # the same without headers
        self._beyond = 0  # bytes still to come of a message over the limit

    def add(self, record: Message) -> Iterator[Message]:
        """The messages that a record completes."""
        raw, content = record.raw, record.raw[self._header :]
        if self._beyond:
            step = min(self._beyond, len(content))
            self._beyond -= step
            piece = raw[: self._header + step]
            shape = _CONTINUED if self._header else _CONTINUED_INSIDE
            yield Message(shape, record.sender, record.time, piece, len(piece), whole=False)
            raw = content = content[step:]
        if len(raw) > len(content):
            self._headers.append(len(self._raw))
        self._raw += raw
        self._body += content
        while len(self._body) >= 4:
            size = 4 + int.from_bytes(self._body[1:4])
            shape = handshake_shape(bytes(self._body[:38]), self._headers, self._session) or _garbled(self._headers)
            if not shape.known:
                raw = self._drop()
                yield Message(shape, record.sender, record.time, raw, len(raw))
                return
            if len(self._body) < size:
                if size > self._limit:
                    self._beyond = size - len(self._body)
                    raw = self._drop()
                    yield Message(shape, record.sender, record.time, raw, len(raw), whole=False)
                return
            end = size + RECORD_HEADER * len(self._headers)
            message = Message(shape, record.sender, record.time, bytes(self._raw[:end]), end)
            del self._raw[:end], self._body[:size]
            self._headers.clear()
            yield message

    def cut_short(self, sender: str, time: float) -> Iterator[Message]:
        """The message that was begun and will not be finished."""
        self._beyond = 0
        if not self._raw:
            return
        headers, body = tuple(self._headers), bytes(self._body[:38])
        shape = handshake_shape(body, headers, self._session) if body else None
        raw = self._drop()
        yield Message(shape or _garbled(headers), sender, time, raw, len(raw), whole=False)

    def _drop(self) -> bytes:
        """Forget what was held; it."""
        raw = bytes(self._raw)
        self._raw.clear()
        self._body.clear()
        self._headers.clear()
        return raw


def headed(notes: Notes) -> None:
    """A record of whose content nothing is known."""
    record_header(notes)
    all_of_it(notes)


def _garbled(headers: Sequence[int]) -> Shape:
    annotate = partial(_pieces, tuple(headers))
    return Shape(PROTOCOL, "Handshake", "no handshake message that is known", annotate, known=False)


def _pieces(headers: tuple[int, ...], notes: Notes) -> None:
    without_headers(notes, headers)
    all_of_it(notes)


_CONTINUED = Shape(PROTOCOL, "HandshakeContinuation", "more of a message that is over the size limit", headed)
_CONTINUED_INSIDE = Shape(PROTOCOL, _CONTINUED.kind, _CONTINUED.explanation, all_of_it)
