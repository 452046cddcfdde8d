"""Lesson 3's sealed things: records and Fernet tokens that were made for one learner, the same every time.

Nothing here is secret in the lab: the judges make the same values from the same seed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from airlock.lab.seed import Seed
from airlock.lab.view import View

NONCE = 12
KINDS = ("genuine", "genuine", "flipped", "cut", "moved", "copied")
"""What was done to the six records: ``moved`` was sealed for another day's order, ``copied`` is that of another id."""


@dataclass(frozen=True)
class Records:
    """Six sealed lines of the depot.

    Attributes:
        key: AES-256-GCM.
        records: order id to nonce ‖ ciphertext and tag; the id, as bytes, is the associated data.
    """

    key: bytes
    records: dict[str, bytes]


def kinds(view: View) -> dict[str, str]:
    """What was done to the record of each id: another order for every view."""
    seed, first = view.seed, view.seed.number("records/first", 100, 900)
    order = sorted(range(len(KINDS)), key=lambda each: seed.key(f"records/order/{each}"))
    return {f"order-{first + number}": KINDS[kind] for number, kind in enumerate(order)}


def lines(view: View) -> dict[str, bytes]:
    """The line that belongs to each id, whatever became of its record."""
    seed = view.seed
    return {
        each: f"{seed.number(f'records/{each}/count', 2, 90)} boxes to {seed.word(f'records/{each}')}".encode()
        for each in kinds(view)
    }


def records(view: View | None = None) -> Records:
    """The depot's records as they arrived. ``view`` defaults to this process's own."""
    view = view or View.current()
    key, of_kind = view.seed.key("records/key"), {kind: each for each, kind in kinds(view).items()}
    sealed = {each: _seal(view.seed, key, line, each) for each, line in lines(view).items()}
    for each, kind in kinds(view).items():
        match kind:
            case "flipped":
                place = NONCE + view.seed.number("records/place", 0, len(lines(view)[each]) - 1)
                sealed[each] = sealed[each][:place] + bytes([sealed[each][place] ^ 4]) + sealed[each][place + 1 :]
            case "cut":
                sealed[each] = sealed[each][:-4]
            case "moved":
                sealed[each] = _seal(view.seed, key, lines(view)[each], f"{each[:-3]}{int(each[-3:]) - 50:03}")
            case "copied":
                sealed[each] = sealed[of_kind["genuine"]]
    return Records(key, sealed)


def made_at(seed: Seed) -> datetime:
    """When the token of unknown age was made."""
    return datetime(2024, 2, 1, tzinfo=UTC) + timedelta(seconds=seed.number("token/age", 0, 2 * 365 * 86400))


def old_token(view: View | None = None) -> bytes:
    """A Fernet token whose key nobody has any more. ``view`` defaults to this process's own."""
    seed = (view or View.current()).seed
    data = seed.key("token/data") * 8
    length = 16 * seed.number("token/steps", 2, 12) + seed.number("token/rest", 1, 14)
    return fernet_token(seed.key("token/key"), data[:length], made_at(seed), seed.key("token/iv")[:16])


@dataclass(frozen=True)
class Stored:
    """Encrypted passwords of five connections, in the middle of a rotation.

    Attributes:
        old_key, new_key: Fernet keys. One row is under the new one already, one under neither.
        tokens: connection to its token.
    """

    old_key: bytes
    new_key: bytes
    tokens: dict[str, bytes]


ROWS = {"billing": "old", "archive": "old", "warehouse": "old", "payroll": "new", "loyalty": "lost"}
"""Connections, and the keys their stored passwords are under: which is whose differs from view to view."""


def row_keys(seed: Seed) -> dict[str, str]:
    """For each connection, the key its token is under: ``old``, ``new`` or ``lost``."""
    names = sorted(ROWS, key=lambda name: seed.key(f"rows/order/{name}"))
    return dict(zip(names, ROWS.values(), strict=True))


def row_password(seed: Seed, name: str) -> str:
    """The password in a row."""
    return seed.password(f"rows/{name}", 12)


def stored(view: View | None = None) -> Stored:
    """The rows as they are stored. ``view`` defaults to this process's own."""
    seed = (view or View.current()).seed
    tokens = {}
    for number, (name, which) in enumerate(sorted(row_keys(seed).items())):
        moment = made_at(seed) + timedelta(days=7 * number)
        iv = seed.key(f"rows/{name}/iv")[:16]
        tokens[name] = fernet_token(seed.key(f"rows/{which}"), row_password(seed, name).encode(), moment, iv)
    old, new = (base64.urlsafe_b64encode(seed.key(f"rows/{which}")) for which in ("old", "new"))
    return Stored(old, new, tokens)


def fernet_token(key: bytes, data: bytes, moment: datetime, iv: bytes) -> bytes:
    """A Fernet token as its specification says, with an IV that is given: the same token every time.

    Version 128 ‖ seconds since 1970, 8 bytes ‖ IV, 16 bytes ‖ AES-128-CBC with padding ‖ HMAC-SHA256, in base64.
    ``key`` is 32 bytes: the first half signs, the second encrypts.
    """
    padder, cipher = PKCS7(128).padder(), Cipher(AES(key[16:]), CBC(iv)).encryptor()
    ciphertext = cipher.update(padder.update(data) + padder.finalize()) + cipher.finalize()
    parts = b"\x80" + int(moment.timestamp()).to_bytes(8) + iv + ciphertext
    mac = HMAC(key[:16], SHA256())
    mac.update(parts)
    return base64.urlsafe_b64encode(parts + mac.finalize())


def _seal(seed: Seed, key: bytes, line: bytes, about: str) -> bytes:
    nonce = seed.key(f"records/nonce/{about}")[:NONCE]
    return nonce + AESGCM(key).encrypt(nonce, line, about.encode())
