"""Logging in to the server with a password that a client was talked into sending (RFC 5802, RFC 7677)."""

import base64
import hashlib
import hmac
import os
import struct
import unicodedata

from attacker import postgres

_MECHANISM = b"SCRAM-SHA-256"


class Login:
    """Answers the server as the client would have."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user.encode(errors="surrogateescape")
        self._password = password
        self._first = b""

    def answer(self, message: bytes) -> bytes:
        """The reply to an Authentication message; empty when it wants none."""
        body = message[9:]
        match postgres.authentication(message):
            case postgres.CLEARTEXT:
                return postgres.password_message(self._raw() + b"\0")
            case postgres.MD5:
                inner = hashlib.md5(self._raw() + self._user).hexdigest().encode()
                return postgres.password_message(b"md5" + hashlib.md5(inner + body[:4]).hexdigest().encode() + b"\0")
            case postgres.SASL:
                self._first = b"n=,r=" + base64.b64encode(os.urandom(18))
                sasl = b"n,," + self._first
                return postgres.password_message(_MECHANISM + b"\0" + struct.pack("!I", len(sasl)) + sasl)
            case postgres.SASL_CONTINUE:
                return postgres.password_message(self._final(body))
        return b""

    def _final(self, challenge: bytes) -> bytes:
        fields = dict(part.split(b"=", 1) for part in challenge.split(b",") if b"=" in part)
        # NFKC is what SASLprep comes to for every password that a keyboard types.
        password = unicodedata.normalize("NFKC", self._password).encode(errors="surrogateescape")
        salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(fields[b"s"]), int(fields[b"i"]))
        unproved = b"c=biws,r=" + fields[b"r"]
        key = hmac.digest(salted, b"Client Key", "sha256")
        transcript = b",".join((self._first, challenge, unproved))
        signature = hmac.digest(hashlib.sha256(key).digest(), transcript, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        return unproved + b",p=" + base64.b64encode(proof)

    def _raw(self) -> bytes:
        return self._password.encode(errors="surrogateescape")
