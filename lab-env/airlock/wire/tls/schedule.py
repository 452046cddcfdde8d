"""From a session's secrets to the keys of its records: TLS 1.3 (RFC 8446, 7) and TLS 1.2 (RFC 5246, 5 and 6.3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from airlock.wire.tls.suites import TLS13_NAMES

NONCE = 12
"""Bytes of every nonce here."""


class Aead(Protocol):
    """Authenticated decryption with one key."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Cipher:
    """How a cipher suite protects records.

    Attributes:
        name: as the registry spells it, ``AES_256_GCM``.
        hash: the name of its hash, ``sha384``.
        key_size: bytes of its key.
        tag: bytes that authenticate a record.
        explicit: bytes of the nonce that every record carries; the others are derived with the key.
        aead: makes the cipher of a key.
    """

    name: str
    hash: str
    key_size: int
    tag: int
    explicit: int
    aead: Callable[[bytes], Aead] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """What protects one direction's records: a key, and what nonces are made of. Not for logs: ``repr`` hides both."""

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)


def cipher_of(suite: str) -> Cipher | None:
    """The cipher of a suite; None for those that are not AEAD (CBC, RC4), which stay closed here."""
    modern = suite in TLS13_NAMES
    hash_name = "sha384" if suite.endswith("SHA384") else "sha256"
    for name, key_size, tag, make in _CIPHERS:
        if name in suite:
            explicit = 0 if modern or make is ChaCha20Poly1305 else 8
            return Cipher(name, hash_name, key_size, tag, explicit, make)
    return None


def expand_label(hash_name: str, secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context."""
    full = b"tls13 " + label.encode()
    info = length.to_bytes(2) + bytes([len(full)]) + full + b"\0"
    return HKDFExpand(_HASHES[hash_name](), length, info).derive(secret)


def traffic_keys(cipher: Cipher, secret: bytes) -> Keys:
    """TLS 1.3: the keys that a traffic secret stands for."""
    key = expand_label(cipher.hash, secret, "key", cipher.key_size)
    return Keys(key, expand_label(cipher.hash, secret, "iv", NONCE))


def updated(cipher: Cipher, secret: bytes) -> bytes:
    """TLS 1.3: the secret that follows after a KeyUpdate."""
    return expand_label(cipher.hash, secret, "traffic upd", len(secret))


def key_block(cipher: Cipher, master: bytes, client_random: bytes, server_random: bytes) -> dict[str, Keys]:
    """TLS 1.2: the keys of either side."""
    key, iv = cipher.key_size, NONCE - cipher.explicit
    block = _prf(cipher.hash, master, b"key expansion" + server_random + client_random, 2 * (key + iv))
    ivs = block[2 * key :]
    return {"client": Keys(block[:key], ivs[:iv]), "server": Keys(block[key : 2 * key], ivs[iv:])}


def _prf(hash_name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    """P_hash: as many HMACs in a chain as it takes (the label is part of the seed)."""
    result, link = b"", seed
    while len(result) < length:
        link = hmac.digest(secret, link, hash_name)
        result += hmac.digest(secret, link + seed, hash_name)
    return result[:length]


_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {"sha256": hashes.SHA256, "sha384": hashes.SHA384}
_CIPHERS: list[tuple[str, int, int, Callable[[bytes], Aead]]] = [
    ("AES_128_GCM", 16, 16, AESGCM),
    ("AES_256_GCM", 32, 16, AESGCM),
    ("CHACHA20_POLY1305", 32, 16, ChaCha20Poly1305),
    ("AES_128_CCM_8", 16, 8, partial(AESCCM, tag_length=8)),
    ("AES_128_CCM", 16, 16, AESCCM),
    ("AES_256_CCM", 32, 16, AESCCM),
]
