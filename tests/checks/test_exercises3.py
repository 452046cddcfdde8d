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


_DEFAULT = 'os.environ.setdefault("TICKET_KEY", "YWlybG9jay10aWNrZXRzLXNoYXJlZC1zcHJpbmcta2U=")\n'


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "never-ends"),
        ("", "decrypt(ticket)", "decrypt(ticket, ttl=600)", "any-dag"),
        ("old-tickets", "ttl=TEN_MINUTES", "ttl=TEN_MINUTES * 60", "too-long"),
        ("old-tickets", "ttl=TEN_MINUTES", "ttl=TEN_MINUTES // 60", "good-refused"),
        ("by-the-clock", "not -60 <= age <= 600", "age > 600", "from-the-future"),
        ("by-the-clock", "-60 <= age", "0 <= age", "good-refused"),
        ("by-the-clock", 'return "for another DAG"', "pass", "any-dag"),
        ("old-tickets", "import sys\n", f"import sys\n{_DEFAULT}", "key-in-the-file"),
        ("old-tickets", 'sys.exit(f"The ticket does not open {asked}.")', "sys.exit()", "silent-refusal"),
        ("old-tickets", "    except InvalidToken:", "    except KeyError:", "traceback"),
        ("old-tickets", "        return False", "        return True", "never-ends"),
        ("old-tickets", "import json\n", "import jason\n", "script-fails"),
    ],
)
def test_old_tickets(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("old-tickets", base, "door.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


def test_a_time_that_is_read_before_the_token_is_verified_is_anybodys(judge: Judge) -> None:
    unverified = "int.from_bytes(base64.urlsafe_b64decode(ticket)[1:9]) + 600 > time.time()"
    body = f"return {unverified}"
    report = judge("old-tickets", "", "door.py", "    try:\n", f"    import base64, time\n\n    {body}\n    try:\n")
    assert report.outcome is Outcome.FAILED
    assert report.misconception in {"from-the-future", "any-dag"}
