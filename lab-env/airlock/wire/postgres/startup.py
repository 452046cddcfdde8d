"""Before a PostgreSQL session: requests without a type byte, and the answers of one byte."""

from __future__ import annotations

from airlock.wire.flow import all_of_it
from airlock.wire.message import Shape
from airlock.wire.notes import Malformed, Notes, readable
from airlock.wire.postgres.shapes import PROTOCOL, length

MAX_STARTUP = 10_000
"""The server refuses a longer start-up packet (MAX_STARTUP_PACKET_LENGTH)."""

_CANCEL, _SSL, _GSSENC = 80877102, 80877103, 80877104
_PARAMETERS = {
    "user": "the role to log in as; it is sent before anything is proved",
    "database": "the database to use; the user's name when missing",
    "application_name": "what the client calls itself; anyone may read it in pg_stat_activity",
    "client_encoding": "how the client wants its text",
    "replication": "asks for the replication protocol instead of SQL",
    "options": "command-line settings for this session",
}
_ANSWERS = {
    ("SSLRequest", "S"): "yes: a TLS handshake follows on this very connection",
    ("SSLRequest", "N"): "no TLS here. Nothing proves that the server said so: anyone on the wire can send this byte",
    ("GSSENCRequest", "G"): "yes: GSSAPI encryption follows",
    ("GSSENCRequest", "N"): "no GSSAPI encryption here",
}


def startup(body: bytes) -> Shape:
    """The shape of a packet without a type byte; ``body`` begins after the length."""
    code = int.from_bytes(body[:4])
    if code in _REQUESTS:
        return _REQUESTS[code]
    return _STARTUP if code >> 16 == 3 else _OTHER


def answer(request: str, byte: int) -> Shape | None:
    """The shape of a one-byte answer to ``request``; None when ``byte`` does not answer it."""
    why = _ANSWERS.get((request, chr(byte)))
    if why is None:
        return None

    def annotate(notes: Notes) -> None:
        notes.take(1, "answer", why, readable)

    kind = "SSLResponse" if request == "SSLRequest" else "GSSENCResponse"
    return Shape(PROTOCOL, kind, "the server's answer, one byte without a length", annotate)


def _request(notes: Notes) -> None:
    length(notes)
    notes.number(4, "request_code", "a version number that no version will ever have, so that servers can tell")


def _cancel(notes: Notes) -> None:
    _request(notes)
    notes.number(4, "process_id", "the server process to interrupt, from BackendKeyData")
    notes.rest("secret_key", "proves that the sender saw BackendKeyData; in the clear, so does an eavesdropper")


def _startup(notes: Notes) -> None:
    length(notes)
    major = notes.number(2, "protocol_major", "the protocol's version: 3 since PostgreSQL 7.4")
    notes.number(2, "protocol_minor", "0, or 2 since PostgreSQL 18 (longer cancel keys)")
    if major != 3:
        raise Malformed("a start-up packet of another protocol version")
    while notes.left > 1:
        name = readable(notes.peek(64).split(b"\0")[0])
        with notes.group("parameter", _PARAMETERS.get(name, "a setting for this session")):
            notes.string("name", "the parameter's name")
            notes.string(name or "unnamed", f"the value of {name or 'a parameter without a name'}")
    if notes.take(1, "end", "a zero byte ends the list", lambda _: None) != b"\0":
        raise Malformed("the list of parameters has no end")


def _gss_packet(notes: Notes) -> None:
    notes.number(4, "length", "bytes that follow")
    notes.rest("token", "GSSAPI's own, encrypted once its handshake is over")


_SSL_WHY = "asks for TLS before anything is said; it is itself in the clear, and so is the answer"
_REQUESTS = {
    _CANCEL: Shape(PROTOCOL, "CancelRequest", "asks to interrupt a query of another connection", _cancel),
    _SSL: Shape(PROTOCOL, "SSLRequest", _SSL_WHY, _request),
    _GSSENC: Shape(PROTOCOL, "GSSENCRequest", "asks for GSSAPI encryption (Kerberos)", _request),
}
_STARTUP = Shape(PROTOCOL, "StartupMessage", "opens a session: who, to which database, with which settings", _startup)
_OTHER = Shape(PROTOCOL, "Unknown", "a start-up packet of no known version", all_of_it, known=False)
GSS_PACKET = Shape(PROTOCOL, "GSSENCPacket", "what GSSAPI encryption carries", _gss_packet)
