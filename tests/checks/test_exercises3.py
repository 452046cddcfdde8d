"""Lesson 3's exercises: every usual repair that does not hold is told why."""

from __future__ import annotations

import pytest

from airlock.checks.report import Outcome
from tests.checks.conftest import Judge

_COMPARED = 'hmac.compare_digest(expected.encode(), (signature or "").encode())'


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "unsigned-taken"),
        ("", "        return True", "        return False", "beginning-compared"),
        ("anybodys-order", _COMPARED, "len(signature or '') == len(expected)", "any-signature"),
        ("anybodys-order", "hmac.new(SECRET, body, hashlib.sha256)", "hashlib.sha256(body)", "hash-is-no-hmac"),
        (
            "anybodys-order",
            "SECRET, body, hashlib",
            "SECRET, json.dumps(json.loads(body)).encode(), hashlib",
            "parsed-body",
        ),
        ("anybodys-order", _COMPARED, "False", "genuine-refused"),
        ("anybodys-order", _COMPARED, "signature != expected[::-1]", "unsigned-taken"),
        ("anybodys-order", 'print("start orders_report"', 'print("would start"', "no-run"),
        ("anybodys-order", "import hmac", "import hmack", "script-fails"),
    ],
)
def test_anybodys_order(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("anybodys-order", base, "receiver.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


@pytest.mark.parametrize("base", ["anybodys-order", "equal-signs", "own-verify"])
def test_anybodys_order_repaired(judge: Judge, base: str) -> None:
    assert judge("anybodys-order", base).outcome is Outcome.PASSED


_NONCE = "nonce = os.urandom(NONCE)"


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "nonce-repeats"),
        ("sealed-rows", _NONCE, "nonce = row_id.encode().rjust(12)", "same-every-night"),
        ("sealed-rows", "row_id.encode()", "None", "rows-swapped"),
        (
            "sealed-rows",
            "nonce + AESGCM(KEY).encrypt(nonce, text.encode(), row_id.encode())",
            "nonce + text.encode()",
            "in-clear",
        ),
        ("sealed-rows", "raw[NONCE:], row_id.encode()", "raw[NONCE:], b''", "not-opened"),
        ("sealed-rows", 'bytes.fromhex(os.environ["EXPORT_KEY"])', "bytes(32)", "any-key"),
        ("sealed-rows", "import base64", "import base46", "script-fails"),
        ("fernet-with-id", "if bound_to != row_id:", "if False:", "rows-swapped"),
    ],
)
def test_sealed_rows(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("sealed-rows", base, "export.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


_CTR = """
def stream(nonce, data):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES256(KEY), modes.CTR(nonce + bytes(4))).encryptor().update(data)


def seal(row_id, text):
    nonce = os.urandom(12)
    return base64.b64encode(nonce + stream(nonce, text.encode())).decode()


def unseal(row_id, sealed):
    raw = base64.b64decode(sealed)
    return stream(raw[:12], raw[12:]).decode(errors="replace")


if __name__"""


def test_a_cipher_without_a_tag_notices_no_change(judge: Judge) -> None:
    assert judge("sealed-rows", "", "export.py", "\nif __name__", _CTR).misconception == "change-not-noticed"


@pytest.mark.parametrize("base", ["sealed-rows", "chacha", "fernet-with-id"])
def test_sealed_rows_repaired(judge: Judge, base: str) -> None:
    assert judge("sealed-rows", base).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "old-key-first"),
        ("half-a-rotation", '("password", "extra")', '("password",)', "extra-left-out"),
        ("half-a-rotation", "        return token", "        return None", "unreadable-changed"),
        (
            "half-a-rotation",
            "file=sys.stderr)\n        return",
            "file=open(os.devnull, 'w'))\n        return",
            "lost-in-silence",
        ),
        ("half-a-rotation", "if token else token", "if token else 'none'", "empty-filled"),
        ("by-hand", "new.encrypt(key.decrypt(row[column]))", "new.encrypt(row[column].encode())", "other-content"),
        ("half-a-rotation", "json.dumps(rows", "json.dumps(rows[1:]", "row-lost"),
        ("half-a-rotation", "renewed(row[", "renewd(row[", "script-fails"),
        ("half-a-rotation", "both.rotate(token).decode()", "''", "other-content"),
    ],
)
def test_half_a_rotation(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("half-a-rotation", base, "rotate.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


@pytest.mark.parametrize("base", ["half-a-rotation", "by-hand", "in-one-pass"])
def test_half_a_rotation_repaired(judge: Judge, base: str) -> None:
    assert judge("half-a-rotation", base).outcome is Outcome.PASSED
