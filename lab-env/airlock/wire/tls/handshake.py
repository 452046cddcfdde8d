"""Handshake messages of TLS 1.2 (RFC 5246) and 1.3 (RFC 8446), in the clear or opened with the session's keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TypeAlias

from airlock.wire.message import Shape
from airlock.wire.notes import Notes
from airlock.wire.tls.certificates import certificate
from airlock.wire.tls.extensions import coded, extensions, opaque, vector
from airlock.wire.tls.names import CONTENT_TYPES, GROUPS, SIGNATURES, VERSIONS
from airlock.wire.tls.suites import SUITES

PROTOCOL = "TLS"
RECORD_HEADER = 5
"""Bytes before the content of a record: type, version, length."""

_RETRY = sha256(b"HelloRetryRequest").digest()
_COMPRESSION = {0: "null", 1: "DEFLATE"}


@dataclass
class Session:
    """What both sides agreed on so far; empty until it was said. ``protocol`` is what ALPN settled on."""

    version: str = ""
    suite: str = ""
    client_random: bytes = b""
    server_random: bytes = b""
    protocol: str = ""

    @property
    def modern(self) -> bool:
        """Whether it is TLS 1.3."""
        return self.version == "TLS 1.3"


Parse: TypeAlias = Callable[[Notes, Session], None]


def record_header(notes: Notes) -> None:
    """The five bytes before every record's content; they are never encrypted."""
    with notes.group("record", "TLS cuts everything into records; their headers are always in the clear"):
        notes.number(1, "content_type", "what the record holds, or claims to", CONTENT_TYPES)
        notes.number(2, "legacy_record_version", "frozen for old middleboxes; says nothing about the version", VERSIONS)
        notes.number(2, "record_length", "how many bytes follow")


def handshake_shape(body: bytes, headers: Sequence[int], session: Session) -> Shape | None:
    """The shape of the handshake message that begins ``body``; None when there is no such message.

    ``headers`` are the places of record headers among the message's raw bytes; none in one that was opened.
    """
    kind, why, parse = _MESSAGES.get(body[0], ("", "", _opaque))
    if kind == "ServerHello" and body[6:38] == _RETRY:
        kind, why = "HelloRetryRequest", "asks the client to begin again with another key share"
    agreed = Session(session.version, session.suite)
    return Shape(PROTOCOL, kind, why, partial(_handshake, kind, tuple(headers), parse, agreed)) if kind else None


def without_headers(notes: Notes, headers: Sequence[int]) -> None:
    """Note the record headers at those places, and read on as if they were not there."""
    for header in headers:
        notes.at = header
        record_header(notes)
    notes.at = 0
    notes.close_up(headers, RECORD_HEADER)


def _handshake(kind: str, headers: tuple[int, ...], parse: Parse, session: Session, notes: Notes) -> None:
    without_headers(notes, headers)
    notes.take(1, "handshake_type", "which handshake message this is", lambda _: kind)
    size = notes.number(3, "length", "how many bytes follow")
    with notes.group(kind, "the message itself", min(size, notes.left)):
        parse(notes, session)


def _hello(notes: Notes, random: str) -> None:
    coded(notes, 2, "legacy_version", VERSIONS, "the version up to TLS 1.2; TLS 1.3 says 1.2 here and the truth below")
    end = notes.peek(8, 24)
    if end in (b"DOWNGRD\x01", b"DOWNGRD\x00"):
        random = "ends in DOWNGRD: the server could do better, so a client that can, too, knows of an attack"
    notes.take(32, "random", random)
    opaque(notes, 1, "session_id", "names a session to resume (up to TLS 1.2); noise for middleboxes in TLS 1.3")


def _client_hello(notes: Notes, session: Session) -> None:
    del session
    _hello(notes, "fresh randomness of the client: makes every handshake different")
    with vector(notes, 2, "cipher_suites", "what the client can use, best first"):
        while notes.left:
            coded(notes, 2, "cipher_suite", SUITES, "how to encrypt; up to TLS 1.2 also how to agree on keys")
    with vector(notes, 1, "compression_methods", "null only: compression before encryption tells secrets"):
        while notes.left:
            coded(notes, 1, "compression_method", _COMPRESSION, "a way to compress")
    extensions(notes, "ClientHello")


def _server_hello(notes: Notes, session: Session) -> None:
    del session
    retry = notes.peek(32, 2) == _RETRY
    _hello(notes, "a fixed number that means HelloRetryRequest" if retry else "fresh randomness of the server")
    coded(notes, 2, "cipher_suite", SUITES, "what the server chose")
    coded(notes, 1, "compression_method", _COMPRESSION, "what the server chose")
    extensions(notes, "HelloRetryRequest" if retry else "ServerHello")


def _certificate(notes: Notes, session: Session) -> None:
    if session.modern:
        opaque(notes, 1, "certificate_request_context", "empty, unless it answers a later request")
    with vector(notes, 3, "certificate_list", "the sender's certificate, then those that lead to a trusted one"):
        while notes.left:
            with vector(notes, 3, "certificate", "one certificate of the chain"):
                certificate(notes)
            if session.modern:
                extensions(notes, "Certificate")


def _server_key_exchange(notes: Notes, session: Session) -> None:
    if "ECDHE" in session.suite or "ECDH_anon" in session.suite:
        notes.number(1, "curve_type", "how the curve is named", {3: "named_curve"})
        coded(notes, 2, "group", GROUPS, "the curve")
        opaque(notes, 1, "public_key", "the server's public key for this connection only")
    elif "_DHE_" in session.suite:
        for label, why in (("p", "the prime"), ("g", "the generator"), ("Ys", "the server's public value")):
            opaque(notes, 2, label, why)
    else:
        return _opaque(notes)
    return _signature(notes) if notes.left else None


def _signature(notes: Notes, session: Session | None = None) -> None:
    del session
    coded(notes, 2, "signature_algorithm", SIGNATURES, "how it is signed")
    opaque(notes, 2, "signature", "proves that the sender holds the key of its certificate, now")


def _client_key_exchange(notes: Notes, session: Session) -> None:
    if "ECDHE" in session.suite:
        opaque(notes, 1, "public_key", "the client's public key for this connection only")
    elif "_DHE_" in session.suite:
        opaque(notes, 2, "Yc", "the client's public value")
    elif session.suite.startswith("TLS_RSA_WITH"):
        why = "the secret itself, under the server's RSA key: who gets that key later reads this recording"
        opaque(notes, 2, "encrypted_premaster_secret", why)
    else:
        _opaque(notes)


def _certificate_request(notes: Notes, session: Session) -> None:
    if session.modern:
        opaque(notes, 1, "certificate_request_context", "to be repeated in the answer")
        return extensions(notes, "CertificateRequest")
    types = {1: "rsa_sign", 2: "dss_sign", 64: "ecdsa_sign"}
    with vector(notes, 1, "certificate_types", "kinds of keys the server takes"):
        while notes.left:
            coded(notes, 1, "certificate_type", types, "a kind of key")
    with vector(notes, 2, "signature_algorithms", "signatures the server can verify"):
        while notes.left:
            coded(notes, 2, "signature_algorithm", SIGNATURES, "in order of preference")
    opaque(notes, 2, "certificate_authorities", "issuers the server trusts")
    return None


def _ticket(notes: Notes, session: Session) -> None:
    notes.number(4, "ticket_lifetime", "seconds the ticket can be used")
    if session.modern:
        notes.number(4, "ticket_age_add", "added to the age that clients send, so that it tells nothing")
        opaque(notes, 1, "ticket_nonce", "makes each ticket's key different")
    opaque(notes, 2, "ticket", "the session's keys, encrypted for the server itself")
    if session.modern:
        extensions(notes, "NewSessionTicket")


def _finished(notes: Notes, session: Session) -> None:
    del session
    notes.rest("verify_data", "a MAC over the whole handshake: both sides saw the same bytes")


def _key_update(notes: Notes, session: Session) -> None:
    del session
    notes.number(1, "request_update", "whether the other side must change its keys, too", {0: "no", 1: "yes"})


def _opaque(notes: Notes, session: Session | None = None) -> None:
    del session
    if notes.left:
        notes.rest("data", "bytes as they passed")


def _encrypted_extensions(notes: Notes, session: Session) -> None:
    del session
    extensions(notes, "EncryptedExtensions")


_MESSAGES: dict[int, tuple[str, str, Parse]] = {
    0: ("HelloRequest", "asks for a new handshake", _opaque),
    1: ("ClientHello", "opens the handshake: what the client can do, and its key shares", _client_hello),
    2: ("ServerHello", "what the server chose; in TLS 1.3 also its key share", _server_hello),
    4: ("NewSessionTicket", "lets the client resume this session later", _ticket),
    5: ("EndOfEarlyData", "the client's early data ends here", _opaque),
    8: ("EncryptedExtensions", "answers to extensions, already encrypted", _encrypted_extensions),
    11: ("Certificate", "who the sender says it is", _certificate),
    12: ("ServerKeyExchange", "the server's key for this connection, signed", _server_key_exchange),
    13: ("CertificateRequest", "asks the client for a certificate", _certificate_request),
    14: ("ServerHelloDone", "the server's turn ends", _opaque),
    15: ("CertificateVerify", "proves that the sender holds the key of its certificate", _signature),
    16: ("ClientKeyExchange", "the client's part of the key agreement", _client_key_exchange),
    20: ("Finished", "ends the handshake and proves that nobody changed it", _finished),
    22: ("CertificateStatus", "a stapled proof that the certificate is not revoked", _opaque),
    24: ("KeyUpdate", "changes to fresh keys", _key_update),
    25: ("CompressedCertificate", "a Certificate, compressed", _opaque),
}
