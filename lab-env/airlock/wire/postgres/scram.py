"""The texts of SCRAM (RFC 5802) inside PostgreSQL's SASL messages. Values stay as they are on the wire (base64)."""

from __future__ import annotations

import base64
import binascii

from airlock.wire.notes import Malformed, Notes, readable

_ATTRIBUTES = {
    "n": ("username", "empty or ignored: PostgreSQL takes the user of the StartupMessage"),
    "a": ("authorization_identity", "whom to act as; PostgreSQL does not support it"),
    "r": (
        "nonce",
        "fresh randomness: first the client's, then the server's appended, so that no answer can be replayed",
    ),
    "s": ("salt", "base64; mixed into the password before hashing, different for every role"),
    "i": ("iterations", "how many times the password is hashed: what one guess costs"),
    "c": (
        "channel_binding",
        "base64; repeats the flag of the first message and, when bound, the hash of the certificate",
    ),
    "p": (
        "proof",
        "base64; proves knowledge of the password without telling it; guesses can be tried against it offline",
    ),
    "v": ("server_signature", "base64; proves that the server knows the password's verifier: SCRAM is mutual"),
    "e": ("error", "why the server refuses"),
    "m": ("mandatory_extension", "an extension that must be understood"),
}
_FLAGS = {
    "n": "the client cannot bind to the channel",
    "y": "the client could bind to the channel and saw no offer: a server that made one knows somebody removed it",
    "p": "the client binds this login to the TLS session that carries it",
}


def client_first(notes: Notes) -> None:
    """``gs2-header client-first-message-bare``."""
    with notes.group("gs2_header", "what the client can bind to, and on whose behalf it speaks"):
        flag = readable(notes.peek(1))
        if flag not in _FLAGS:
            raise Malformed("no channel binding flag")
        _until_comma(notes, "channel_binding_flag", _FLAGS[flag])
        _until_comma(notes, "authorization_identity", _ATTRIBUTES["a"][1], skip=2)
    attributes(notes)


def attributes(notes: Notes) -> None:
    """``a=value`` separated by commas, up to the end."""
    while notes.left:
        letter, equals = readable(notes.peek(1)), notes.peek(1, 1)
        if equals != b"=":
            raise Malformed("a SCRAM attribute is a letter, '=' and a value")
        name, why = _ATTRIBUTES.get(letter, (f"attribute_{letter}", "an attribute this decoder does not know"))
        if letter == "c":
            why = f"{why} (here {_bound(notes.peek(notes.left, 2).split(b',')[0])})"
        _until_comma(notes, name, why, skip=2)


def _until_comma(notes: Notes, name: str, why: str, skip: int = 0) -> None:
    """One value and the comma that ends it; ``skip`` bytes before the value are not part of it."""
    piece, comma, _ = notes.peek(notes.left).partition(b",")
    notes.take(len(piece) + len(comma), name, why, lambda data: readable(data.removesuffix(b",")[skip:]))


def _bound(encoded: bytes) -> str:
    """What a channel binding value holds."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        return "no valid base64"
    header, data = decoded[: decoded.rfind(b",") + 1], decoded[decoded.rfind(b",") + 1 :]
    if decoded.startswith(b"p=") and decoded.count(b",") >= 2:
        first, second, data = decoded.split(b",", 2)
        header = first + b"," + second + b","
    return f"{readable(header)!r} and {f'the hash {data.hex()}' if data else 'nothing bound'}"
