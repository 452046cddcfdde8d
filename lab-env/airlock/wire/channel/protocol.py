"""The channel's protocol: shares, the key that follows from them, the one line, the signature."""

from __future__ import annotations

import os
import socket

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHARE = 32
"""Bytes of a share: an X25519 public key (RFC 7748), as it is."""
INFO = b"airlock depot"
"""HKDF's ``info``: what the key is for (RFC 5869, 3.2)."""
CONTEXT = b"airlock depot signature"
"""Begins whatever the depot signs, so that its signature means nothing anywhere else."""
_ABOUT = b"airlock depot line"
_NONCE = 12


def exchange(mine: X25519PrivateKey, theirs: bytes) -> bytes:
    """The secret that two sides share. Raises ValueError for a share that is none."""
    return mine.exchange(X25519PublicKey.from_public_bytes(theirs))


def derive(secret: bytes) -> bytes:
    """The session's 32-byte key from the shared secret."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO).derive(secret)


def seal_line(key: bytes, line: bytes) -> bytes:
    """A record: nonce, then the line encrypted and authenticated."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, line, _ABOUT)


def open_line(key: bytes, record: bytes) -> bytes:
    """The line in a record. Raises `cryptography.exceptions.InvalidTag`, or ValueError for one that is too short."""
    return AESGCM(key).decrypt(record[:_NONCE], record[_NONCE:], _ABOUT)


def transcript(client: bytes, depot: bytes) -> bytes:
    """What the depot signs: the two shares of *this* session."""
    return CONTEXT + client + depot


def signed_answer(signing: Ed25519PrivateKey, client: bytes, depot: bytes) -> bytes:
    """The answer of a depot that signs, 160 bytes.

    The client's share as it arrived (32) ‖ the depot's share (32) ‖ the depot's public key (32) ‖ signature (64).
    """
    public = signing.public_key().public_bytes_raw()
    return client + depot + public + signing.sign(transcript(client, depot))


def receive(link: socket.socket, size: int) -> bytes:
    """Exactly ``size`` bytes from a socket.

    Raises:
        ConnectionError: the other side closed before that.
        TimeoutError: nothing came for the socket's time.
    """
    data = b""
    while len(data) < size:
        part = link.recv(size - len(data))
        if not part:
            raise ConnectionError(f"the other side closed after {len(data)} of {size} bytes")
        data += part
    return data


def receive_record(link: socket.socket) -> bytes:
    """The next record, closed as it is."""
    return receive(link, int.from_bytes(receive(link, 2)))


def send_record(link: socket.socket, record: bytes) -> None:
    """Send a record with its length in front."""
    link.sendall(len(record).to_bytes(2) + record)


def receive_line(link: socket.socket, key: bytes) -> bytes:
    """The next record, opened. Raises as `receive` and `open_line`."""
    return open_line(key, receive_record(link))


def send_line(link: socket.socket, key: bytes, line: bytes) -> None:
    """Seal a line and send it as a record."""
    send_record(link, seal_line(key, line))
