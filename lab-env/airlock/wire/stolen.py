"""What somebody with a server's private key can make of a recorded TLS 1.3 handshake: an attempt, not a claim.

The attempt takes the key for the server's half of the key agreement and follows the key schedule from there (RFC
8446, 7.1). With the *ephemeral* key of that session it gives the session's secrets. With the key of the certificate it
gives secrets that open nothing, because that key only signed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.asymmetric.ec import ECDH, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from airlock.wire.captures import Captured
from airlock.wire.conversation import decode
from airlock.wire.message import Message
from airlock.wire.tls.keylog import HANDSHAKE
from airlock.wire.tls.schedule import cipher_of

_RECORD_HEADER = 5
_HELLOS = ("ClientHello", "HelloRetryRequest", "ServerHello")
_LABELS = {"client": "c hs traffic", "server": "s hs traffic"}


def keys_with(key: EllipticCurvePrivateKey | X25519PrivateKey, chunks: Iterable[Captured]) -> list[str]:
    """Lines of a key log as they follow when ``key`` is taken for the server's share; one pair for each client share.

    Empty when the recording holds no TLS 1.3 handshake, or no share that ``key`` can be used with.
    """
    hellos = [message for message in decode(chunks) if message.kind in _HELLOS]
    if [hello.kind for hello in hellos[-2:]] != ["ClientHello", "ServerHello"]:
        return []
    client, server = hellos[-2:]
    cipher = cipher_of(str(server.get("cipher_suite")))
    if cipher is None:
        return []
    context = _transcript(hellos, cipher.hash)
    random = client.get("random")
    return [
        f"{HANDSHAKE[side]} {random.hex()} {_secret(cipher.hash, shared, label, context).hex()}"
        for shared in _shared(key, client)
        for side, label in _LABELS.items()
        if isinstance(random, bytes)
    ]


def _shared(key: EllipticCurvePrivateKey | X25519PrivateKey, hello: Message) -> Iterator[bytes]:
    for share in hello.all("key_exchange"):
        if not isinstance(share, bytes):
            continue
        try:
            if isinstance(key, X25519PrivateKey):
                yield key.exchange(X25519PublicKey.from_public_bytes(share))
            else:
                yield key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(key.curve, share))
        except ValueError:  # a share of another group
            continue


def _transcript(hellos: list[Message], name: str) -> bytes:
    """The hash over the hellos. After a HelloRetryRequest the first one counts as its own hash (RFC 8446, 4.4.1)."""
    bodies = [hello.raw[_RECORD_HEADER:] for hello in hellos]
    if hellos[1].kind == "HelloRetryRequest":
        first = hashlib.new(name, bodies[0]).digest()
        bodies[0] = b"\xfe" + len(first).to_bytes(3) + first
    return hashlib.new(name, b"".join(bodies)).digest()


def _secret(name: str, shared: bytes, label: str, context: bytes) -> bytes:
    """A handshake traffic secret: extract, derive, extract, derive."""
    size = hashlib.new(name).digest_size
    early = hmac.digest(bytes(size), bytes(size), name)
    handshake = hmac.digest(_derive(name, early, "derived", hashlib.new(name).digest()), shared, name)
    return _derive(name, handshake, label, context)


def _derive(name: str, secret: bytes, label: str, context: bytes) -> bytes:
    """HKDF-Expand-Label with a whole hash as the result: one HMAC."""
    full = b"tls13 " + label.encode()
    info = hashlib.new(name).digest_size.to_bytes(2) + bytes([len(full)]) + full + bytes([len(context)]) + context
    return hmac.digest(secret, info + b"\1", name)
