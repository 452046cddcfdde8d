"""HTTP/1.1: heads with the credentials pointed out, and bodies in the pieces they are sent in."""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from airlock.wire.flow import BLOCK, all_of_it
from airlock.wire.message import Message, Shape
from airlock.wire.notes import Malformed, Notes, readable

PROTOCOL = "HTTP"
_MAX_HEAD = 16 * 1024
_END = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) (HTTP/1\.[01])\r?$")
_RESPONSE = re.compile(rb"(HTTP/1\.[01]) ([0-9]{3})(?: ([^\r\n]*))?\r?$")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?\r?$")

_HEADERS = {
    "host": "which of the server's names is meant",
    "content-length": "how many bytes of body follow",
    "transfer-encoding": "how the body is sent: chunked means in pieces, each with its own length",
    "content-type": "what the body is",
    "authorization": "who the client is, and its proof",
    "proxy-authorization": "who the client is, and its proof, for a proxy on the way",
    "cookie": "what the server gave the client to remember: often the login itself",
    "set-cookie": "what the client is to send back from now on: often the login itself",
    "x-vault-token": "the token of Vault or OpenBao: whoever reads it may do what its owner may",
    "location": "where to go instead",
    "upgrade": "another protocol to go on with",
    "strict-transport-security": "tells the client never to come back without TLS",
}
_SECRET = {"cookie", "set-cookie", "x-vault-token", "x-api-key"}


@dataclass
class _Side:
    """Where one side is: ``left`` bytes of body are to come; -1 while chunks are, None when only a close ends it."""

    left: int | None = 0
    trailer: bool = False
    lost: bool = False


@dataclass
class Http:
    """Both sides of one connection."""

    _methods: deque[str] = field(default_factory=lambda: deque(maxlen=1024))
    _sides: dict[str, _Side] = field(default_factory=lambda: {"client": _Side(), "server": _Side()})

    def measure(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        """See `Talk.measure`."""
        side = self._sides[sender]
        if side.lost:
            return BLOCK, _LOST
        if side.left is None:
            return BLOCK, _STREAM
        if side.left > 0:
            return side.left, _BODY
        return _chunk(side, data, at) if side.left < 0 else _head(side, sender, data, at)

    def accept(self, message: Message) -> Sequence[Message]:
        """See `Talk.accept`."""
        side = self._sides[message.sender]
        if message.shape in (_BODY, _LAST):
            side.left = None if side.left is None else 0
        elif message.shape in (_REQUEST_SHAPE, _RESPONSE_SHAPE):
            self._learn(side, message)
        return (message,)

    def finish(self, sender: str, time: float) -> Sequence[Message]:
        """See `Talk.finish`."""
        del sender, time
        return ()

    def _learn(self, side: _Side, head: Message) -> None:
        """How the body that belongs to ``head`` is sent (RFC 9112, 6.3)."""
        status, method = head.get("status"), str(head.get("method"))
        if head.shape is _REQUEST_SHAPE:
            self._methods.append(method)
        else:
            interim = isinstance(status, int) and status < 200 and status != 101
            method = (self._methods[0] if interim else self._methods.popleft()) if self._methods else "GET"
            if status == 101 or (method == "CONNECT" and isinstance(status, int) and 200 <= status < 300):
                for each in self._sides.values():
                    each.left = None
                return
            if interim or status in (204, 304) or method == "HEAD":
                return
        length, encoding = head.get("content-length"), str(head.get("transfer-encoding") or "")
        if encoding.lower().rstrip().endswith("chunked"):
            side.left = -1
        elif isinstance(length, str) and length.isascii() and length.isdigit() and len(length) < 16:
            side.left = int(length)
        elif length is not None:
            side.lost = True
        elif head.shape is _RESPONSE_SHAPE:
            side.left = None


def _head(side: _Side, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
    line, end = _LINE.search(data, at, at + _MAX_HEAD), _END.search(data, at, at + _MAX_HEAD)
    form, shape = (_REQUEST, _REQUEST_SHAPE) if sender == "client" else (_RESPONSE, _RESPONSE_SHAPE)
    if (line and not form.match(data[at : line.start()])) or (not end and len(data) - at >= _MAX_HEAD):
        side.lost = True
        return BLOCK, _LOST
    return (end.end() - at, shape) if end else None


def _chunk(side: _Side, data: bytes, at: int) -> tuple[int, Shape] | None:
    line = _LINE.search(data, at, at + _MAX_HEAD)
    size = _CHUNK.match(data[at : line.start()]) if line else None
    if not line or not size:
        if line or len(data) - at >= _MAX_HEAD:
            side.lost = True
            return BLOCK, _LOST
        return None
    count = int(size[1], 16)
    if count:
        return line.end() - at + count + 2, _CHUNK_SHAPE
    end = _END.search(data, line.start(), at + _MAX_HEAD)
    if not end and len(data) - at >= _MAX_HEAD:
        side.lost = True
        return BLOCK, _LOST
    return (end.end() - at, _LAST) if end else None


def _line(notes: Notes) -> bytes:
    """The bytes up to the end of the line; nothing is noted."""
    piece = notes.peek(notes.left)
    end = _LINE.search(piece)
    return piece[: end.end()] if end else piece


def _request(notes: Notes) -> None:
    parts = _line(notes).split(b" ", 2)
    if len(parts) < 3:
        raise Malformed("no request line")
    notes.take(len(parts[0]) + 1, "method", "what to do", _text)
    notes.take(len(parts[1]) + 1, "target", "with what: path and query, readable on the wire", _text)
    notes.take(len(parts[2]), "version", "the protocol's version", _text)
    _fields(notes)


def _response(notes: Notes) -> None:
    notes.take(min(9, notes.left), "version", "the protocol's version", _text)
    notes.take(3, "status", "how it went: 2xx done, 3xx elsewhere, 4xx your fault, 5xx mine", int)
    notes.take(len(_line(notes)), "reason", "the same for people", _text)
    _fields(notes)


def _fields(notes: Notes) -> None:
    """Header lines up to the empty one."""
    while notes.left:
        line = _line(notes)
        name, colon, value = line.partition(b":")
        if not line.strip():
            notes.take(len(line), "end", "an empty line ends the head", lambda _: None)
            return
        if not colon:
            raise Malformed("a header line has no colon")
        label = readable(name).lower() or "unnamed"
        why = _HEADERS.get(label, "a header")
        with notes.group("header", f"{readable(name)}: {why}", len(line)):
            notes.take(len(name) + 1, "name", "the header's name; case does not matter", _named)
            start = notes.at
            notes.take(len(value), label, why, _text)
            _credentials(notes, label, start, value)


def _credentials(notes: Notes, label: str, start: int, value: bytes) -> None:
    """Point out what lets a reader log in."""
    scheme, _, proof = readable(value).strip().partition(" ")
    proof = proof.strip()
    if label in _SECRET:
        notes.add(start, "credential", readable(value).strip(), "in the clear: whoever reads it can use it")
    elif not label.endswith("authorization"):
        return
    elif scheme.lower() == "basic":
        user, _, password = readable(_decoded(proof)).partition(":")
        notes.add(start, "user", user, "Basic is base64, which hides nothing")
        notes.add(start, "password", password, "Basic is base64, which hides nothing")
    elif scheme.lower() == "bearer":
        notes.add(start, "bearer_token", proof, "whoever bears it is let in: reading it is enough")
    else:
        notes.add(start, "credential", proof, f"a proof of the scheme {scheme}")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _chunk_fields(notes: Notes) -> None:
    line = _line(notes)
    notes.take(len(line), "chunk_size", "how many bytes this piece has, in hexadecimal", _text)
    size = _CHUNK.match(line.rstrip(b"\n"))
    notes.take(min(int(size[1], 16) if size else 0, notes.left), "data", "a piece of the body", readable)
    notes.rest("end", "ends the piece", lambda _: None)


def _last(notes: Notes) -> None:
    notes.take(len(_line(notes)), "chunk_size", "zero: there are no more pieces", _text)
    _fields(notes)


def _body(notes: Notes) -> None:
    notes.rest("data", "the body", readable)


def _text(data: bytes) -> str:
    return readable(data).strip()


def _named(data: bytes) -> str:
    return readable(data).rstrip(":")


_REQUEST_SHAPE = Shape(PROTOCOL, "Request", "asks the server for something", _request)
_RESPONSE_SHAPE = Shape(PROTOCOL, "Response", "the server's answer", _response)
_BODY = Shape(PROTOCOL, "Body", "what the head announced", _body)
_STREAM = Shape(PROTOCOL, "Body", "goes on until the connection is closed", _body, elastic=True)
_CHUNK_SHAPE = Shape(PROTOCOL, "Chunk", "a piece of the body", _chunk_fields)
_LAST = Shape(PROTOCOL, "LastChunk", "ends a body that was sent in pieces", _last)
_LOST = Shape(PROTOCOL, "Undecodable", "bytes that no HTTP message begins with", all_of_it, known=False, elastic=True)
