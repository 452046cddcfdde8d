"""Extensions of TLS messages (RFC 8446, 4.2, and the RFCs that define the older ones)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from airlock.wire.notes import Malformed, Notes, readable
from airlock.wire.tls.names import EXTENSIONS, GROUPS, POST_QUANTUM, SIGNATURES, VERSIONS, name

Parse: TypeAlias = Callable[[Notes, str], None]
"""Reads an extension's content; the text is the kind of the message it stands in."""


@contextmanager
def vector(notes: Notes, size: int, label: str, why: str) -> Iterator[None]:
    """What is preceded by its length, a number of ``size`` bytes."""
    length = notes.number(size, f"{label}_length", "how many bytes follow")
    with notes.group(label, why, length):
        yield


def opaque(notes: Notes, size: int, label: str, why: str) -> None:
    """Bytes that stand for nothing else, preceded by their length, a number of ``size`` bytes."""
    notes.take(notes.number(size, f"{label}_length", "how many bytes follow"), label, why)


def coded(notes: Notes, size: int, label: str, names: dict[int, str], why: str) -> str:
    """A number from a registry, by its name."""
    start = notes.at
    text = name(names, int.from_bytes(notes.peek(size)))
    notes.take(size, label, why, lambda _: text)
    return text if notes.at > start else ""


def extensions(notes: Notes, kind: str) -> None:
    """A list of extensions, if there is one: very old messages end before it."""
    if not notes.left:
        return
    with vector(notes, 2, "extensions", "what was added to the protocol since; who does not know one skips it"):
        while notes.left:
            number = int.from_bytes(notes.peek(2))
            label = name(EXTENSIONS, number)
            parse, why = _EXTENSIONS.get(label, (_opaque, "an extension this decoder does not open"))
            size = int.from_bytes(notes.peek(2, 2))
            with notes.group(label, why, min(4 + size, notes.left)):
                notes.take(2, "extension_type", "which extension", lambda _, label=label: label)  # type: ignore[misc]
                if notes.number(2, "extension_length", "how many bytes follow") > notes.left:
                    raise Malformed("the extension is cut off")
                parse(notes, kind)


def _opaque(notes: Notes, kind: str) -> None:
    if notes.left:
        notes.rest("data", f"as this extension of {kind} defines it")


def _server_name(notes: Notes, kind: str) -> None:
    if not notes.left:
        return  # the server's answer is empty: it took the name
    with vector(notes, 2, "server_names", "a list that in practice has one entry"):
        while notes.left:
            notes.number(1, "name_type", "the kind of name", {0: "host_name"})
            size = notes.number(2, "host_name_length", "how many bytes follow")
            notes.take(size, "host_name", f"whom the client wants to talk to, readable on the wire ({kind})", readable)


def _list_of(size: int, label: str, item: int, names: dict[int, str], why: str) -> Parse:
    def parse(notes: Notes, kind: str) -> None:
        del kind
        with vector(notes, size, f"{label}_list", why):
            while notes.left:
                coded(notes, item, label, names, "in the sender's order of preference")

    return parse


def _protocols(notes: Notes, kind: str) -> None:
    with vector(
        notes, 2, "protocols", "what is spoken inside" + (", chosen" if kind != "ClientHello" else ", offered")
    ):
        while notes.left:
            size = notes.number(1, "protocol_length", "how many bytes follow")
            notes.take(size, "protocol", "an application protocol, such as postgresql or http/1.1", readable)


def _supported_versions(notes: Notes, kind: str) -> None:
    if kind == "ClientHello":
        _list_of(1, "version", 2, VERSIONS, "the versions the client speaks: the field that really offers TLS 1.3")(
            notes, kind
        )
    else:
        coded(notes, 2, "selected_version", VERSIONS, "the version that is spoken from here on")


def _key_share(notes: Notes, kind: str) -> None:
    if kind == "HelloRetryRequest":
        coded(
            notes, 2, "selected_group", GROUPS, "the group the client must send a share for in its second ClientHello"
        )
    elif kind == "ClientHello":
        with vector(notes, 2, "client_shares", "public keys made for this connection only, one for each group guessed"):
            while notes.left:
                _share(notes)
    else:
        _share(notes)


def _share(notes: Notes) -> None:
    with notes.group("share", "one public key for one group"):
        group = coded(notes, 2, "group", GROUPS, "the group, or key encapsulation")
        size = notes.number(2, "key_exchange_length", "how many bytes follow")
        kept = "; holds against a quantum computer, too" if group in POST_QUANTUM else ""
        notes.take(size, "key_exchange", f"the public half of a key that is forgotten after the handshake{kept}")


def _pre_shared_key(notes: Notes, kind: str) -> None:
    if kind != "ClientHello":
        notes.number(2, "selected_identity", "which of the offered keys the server took: this session resumes another")
        return
    with vector(notes, 2, "identities", "sessions the client could resume"):
        while notes.left:
            size = notes.number(2, "identity_length", "how many bytes follow")
            notes.take(size, "identity", "a ticket from an earlier session; seeing it twice links the two")
            notes.number(4, "obfuscated_ticket_age", "its age in milliseconds plus a secret number")
    with vector(notes, 2, "binders", "proofs that the client holds these keys"):
        while notes.left:
            size = notes.number(1, "binder_length", "how many bytes follow")
            notes.take(size, "binder", "a MAC over this ClientHello")


def _cookie(notes: Notes, kind: str) -> None:
    opaque(notes, 2, "cookie", f"must be repeated in the second ClientHello ({kind})")


def _status_request(notes: Notes, kind: str) -> None:
    if kind != "ClientHello":
        return _opaque(notes, kind)
    notes.number(1, "status_type", "what kind of proof", {1: "ocsp"})
    opaque(notes, 2, "responders", "OCSP responders the client trusts")
    opaque(notes, 2, "request_extensions", "extensions of OCSP")
    return None


def _renegotiation(notes: Notes, kind: str) -> None:
    opaque(notes, 1, "renegotiated_connection", f"empty in a first handshake ({kind})")


def _early_data(notes: Notes, kind: str) -> None:
    if kind == "NewSessionTicket":
        notes.number(4, "max_early_data_size", "how many bytes may be sent before the handshake is done")


def _record_size(notes: Notes, kind: str) -> None:
    notes.number(2, "record_size_limit", f"the largest record the sender of this {kind} takes")


_POINTS = {0: "uncompressed", 1: "ansiX962_compressed_prime", 2: "ansiX962_compressed_char2"}
_EXTENSIONS: dict[str, tuple[Parse, str]] = {
    "server_name": (_server_name, "SNI: the name of the server that is wanted, so that it can pick its certificate"),
    "supported_groups": (
        _list_of(2, "group", 2, GROUPS, "groups for key agreement"),
        "which key agreements the client can do",
    ),
    "ec_point_formats": (
        _list_of(1, "point_format", 1, _POINTS, "how points are written"),
        "how elliptic curve points are written; matters up to TLS 1.2",
    ),
    "signature_algorithms": (
        _list_of(2, "signature_algorithm", 2, SIGNATURES, "signatures that can be verified"),
        "which signatures the sender can verify",
    ),
    "signature_algorithms_cert": (
        _list_of(2, "signature_algorithm", 2, SIGNATURES, "signatures in certificates"),
        "which signatures in certificates the sender can verify",
    ),
    "application_layer_protocol_negotiation": (_protocols, "ALPN: which protocol is spoken inside"),
    "supported_versions": (_supported_versions, "the TLS version, where middleboxes do not stumble over it"),
    "key_share": (_key_share, "the key agreement itself, already in the first flight"),
    "pre_shared_key": (_pre_shared_key, "resumes an earlier session instead of showing a certificate"),
    "psk_key_exchange_modes": (
        _list_of(1, "mode", 1, {0: "psk_ke", 1: "psk_dhe_ke"}, "ways to use a ticket"),
        "whether a resumed session also agrees on fresh keys",
    ),
    "cookie": (_cookie, "lets a server forget about a client between its two ClientHellos"),
    "status_request": (_status_request, "asks for a stapled proof that the certificate is not revoked"),
    "session_ticket": (_opaque, "a ticket to resume a session (up to TLS 1.2); empty: none yet"),
    "renegotiation_info": (_renegotiation, "ties a renegotiation to the handshake before it"),
    "extended_master_secret": (_opaque, "ties the keys to the whole handshake (up to TLS 1.2)"),
    "encrypt_then_mac": (_opaque, "a safer order for CBC suites (up to TLS 1.2)"),
    "early_data": (_early_data, "data before the handshake is done: can be replayed"),
    "record_size_limit": (_record_size, "keeps records small"),
    "post_handshake_auth": (_opaque, "the client could show a certificate later"),
    "padding": (_opaque, "zeroes, to steer the length"),
    "signed_certificate_timestamp": (_opaque, "asks for proof that the certificate was logged publicly"),
    "encrypted_client_hello": (_opaque, "an inner ClientHello nobody on the wire can read"),
}
