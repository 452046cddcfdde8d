"""Record protection: one encrypted record opened with the keys of its direction (RFC 8446, 5.2; RFC 5246, 6.2.3.3)."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag

from airlock.wire.message import Opening
from airlock.wire.tls.handshake import RECORD_HEADER
from airlock.wire.tls.names import CONTENT_TYPES
from airlock.wire.tls.schedule import NONCE, Cipher, Keys, traffic_keys, updated


class Protection:
    """One direction under one key: which record comes next, and how it is opened.

    ``label`` names the key log's line. ``secret`` is that of TLS 1.3, from which the next key is made when a
    side sends KeyUpdate; there is none up to TLS 1.2.
    """

    def __init__(self, cipher: Cipher, label: str, keys: Keys, *, secret: bytes = b"", updates: int = 0) -> None:
        self.label = label
        self.used = False
        self._cipher, self._keys, self._secret, self._updates = cipher, keys, secret, updates
        self._aead = cipher.aead(keys.key)
        self._sequence = 0

    @classmethod
    def of_secret(cls, cipher: Cipher, label: str, secret: bytes, updates: int = 0) -> Protection:
        """TLS 1.3: with the keys of a traffic secret."""
        return cls(cipher, label, traffic_keys(cipher, secret), secret=secret, updates=updates)

    def updated(self) -> Protection | None:
        """What protects this direction after a KeyUpdate, which is TLS 1.3's."""
        if not self._secret:
            return None
        secret = updated(self._cipher, self._secret)
        return Protection.of_secret(self._cipher, self.label, secret, self._updates + 1)

    def open(self, record: bytes) -> Opening | None:
        """What was in a record; None when its tag does not fit: another key's, or changed on the way."""
        header, body = record[:RECORD_HEADER], record[RECORD_HEADER:]
        explicit, tag = self._cipher.explicit, self._cipher.tag
        size = len(body) - explicit - tag
        if size < 0:
            return None
        number = self._sequence.to_bytes(8)
        additional = header if self._secret else number + header[:3] + size.to_bytes(2)
        nonce = self._keys.iv + body[:explicit] if explicit else _mixed(self._keys.iv, number)
        try:
            content = self._aead.decrypt(nonce, body[explicit:], additional)
        except InvalidTag:
            # Nothing is counted before the first that fits: what came earlier was under another key.
            self._sequence += self.used
            return None
        padding, kind = 0, header[0]
        if self._secret:
            inner = content.rstrip(b"\0")
            padding, kind, content = len(content) - len(inner), inner[-1] if inner else 0, inner[:-1]
        opening = Opening(
            secret=self.label,
            updates=self._updates,
            cipher=self._cipher.name,
            key=self._keys.key,
            iv=self._keys.iv,
            sequence=self._sequence,
            nonce=nonce,
            additional=additional,
            content_type=CONTENT_TYPES.get(kind, f"unknown {kind}"),
            content=content,
            padding=padding,
        )
        self.used = True
        self._sequence += 1
        return opening


def _mixed(iv: bytes, number: bytes) -> bytes:
    """The nonce of a record: its number, exclusive or the derived iv."""
    return (int.from_bytes(iv) ^ int.from_bytes(number)).to_bytes(NONCE)
