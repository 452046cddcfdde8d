"""Personal values: each learner's passwords, rows and code words follow from one random seed.

A value is HMAC-SHA256(seed, label), so the same seed gives the same world on the learner's machine and on the
instructor's, and a neighbour's answer is wrong. The seed travels with a submission; it protects nothing outside
the lab.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass

_BIRDS = (
    *("avocet", "bittern", "bunting", "curlew", "dipper", "dunlin", "eider", "falcon", "fulmar", "gannet"),
    *("godwit", "goshawk", "grebe", "harrier", "heron", "hobby", "hoopoe", "kestrel", "kite", "lapwing"),
    *("linnet", "magpie", "martin", "merlin", "nightjar", "oriole", "osprey", "ouzel", "petrel", "pipit"),
    *("plover", "puffin", "quail", "raven", "redstart", "robin", "rook", "sanderling", "serin", "shrike"),
    *("siskin", "skua", "smew", "snipe", "starling", "stilt", "stork", "swallow", "swift", "teal"),
    *("tern", "thrush", "turnstone", "twite", "wagtail", "warbler", "waxwing", "wheatear", "whimbrel", "whinchat"),
    *("wigeon", "woodlark", "wren", "wryneck"),
)

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Seed:
    """32 hexadecimal digits that a learner's world is grown from."""

    hex: str

    def __post_init__(self) -> None:
        if len(self.hex) != 32 or any(digit not in string.hexdigits for digit in self.hex):
            raise ValueError("a seed is 32 hexadecimal digits")

    @classmethod
    def random(cls) -> Seed:
        """A new learner's seed."""
        return cls(secrets.token_hex(16))

    @property
    def prefix(self) -> str:
        """This learner's team name, e.g. ``kestrel7f3a``: prefix of every shared name."""
        digest = self._bytes("prefix")
        return _BIRDS[digest[0] % len(_BIRDS)] + digest[1:3].hex()

    def number(self, label: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int.from_bytes(self._bytes(label)[:8], "big") % (high - low + 1)

    def word(self, label: str) -> str:
        """A code word, e.g. ``osprey-41``."""
        digest = self._bytes(label)
        return f"{_BIRDS[digest[0] % len(_BIRDS)]}-{digest[1] % 90 + 10}"

    def password(self, label: str, length: int = 16) -> str:
        """Letters and digits only."""
        stream = self._bytes(label) + self._bytes(label + "/more")
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in stream[:length])

    def awkward_password(self, label: str) -> str:
        """A password with every character that a URI gives a meaning to: ``@ / : # ? %`` and a space."""
        parts = [self.password(f"{label}/{index}", 3) for index in range(4)]
        return "{}@{}/w:{}%d #{}?".format(*parts)

    def key(self, label: str) -> bytes:
        """32 bytes, for a key that a judge has to know too."""
        return self._bytes(label)

    def _bytes(self, label: str) -> bytes:
        return hmac.new(bytes.fromhex(self.hex), label.encode(), hashlib.sha256).digest()
