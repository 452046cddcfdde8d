"""Judge of task 3.3: what a Fernet token tells without its key."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, Plain, World
from airlock.lab import View
from airlock.lab.sealed import made_at, old_token

_AROUND = 1 + 8 + 16 + 32
"""Bytes of a token that are not ciphertext: version, time, IV, HMAC."""
_BLOCK = 16


@task(
    "3.3",
    "Date a token without its key",
    2,
    hints=(
        "A token is base64. Undo that first, then cut: version 1 byte, time 8 bytes, IV 16 bytes, ciphertext, HMAC the "
        "last 32 bytes.",
        '`int.from_bytes(raw[1:9], "big")` is the time in seconds since 1970. The ciphertext is `len(raw) - 57` bytes '
        "long, in steps of 16, and its padding takes at least 1 byte and at most 16.",
        "`raw = base64.urlsafe_b64decode(token)`, `made = datetime.fromtimestamp(int.from_bytes(raw[1:9]), UTC)`, "
        "`size = (len(raw) - 57 - 16, len(raw) - 57 - 1)`.",
    ),
)
def dated(world: World) -> Report:
    """`made` is the moment in the token, `size` the smallest and largest number of bytes it can hold."""
    absent = []
    answers: dict[str, Plain] = {}
    for name in ("made", "size"):
        try:
            answers[name] = world.value(name)
        except NotAttempted as missing:
            absent.append(missing)
    if len(absent) == 2:
        raise absent[0]
    wrong_date = _date(answers["made"], world.view) if "made" in answers else _open("made")
    wrong_size = _size(answers["size"], world.view) if "size" in answers else _open("size")
    if wrong_date and wrong_size:
        return wrong_date
    if half := wrong_date or wrong_size:
        right = "size" if wrong_date else "date"
        return failed(f"The {right} is right. {half.saw}", half.why, half.look, half.misconception, share=0.5)
    return passed(
        "Both are right, and you never had the key.",
        "Whoever has a backup knows when each secret was last changed, and roughly how long it is.",
    )


def _open(name: str) -> Report:
    return failed(f"`{name}` has no value yet.", "Half of it is open.", f"Set `{name}`.", "one-missing")


def _date(value: Plain, view: View) -> Report | None:
    true = made_at(view.seed).timestamp()
    moment, naive = _moment(value)
    if moment is None:
        return failed(
            "`made` is no moment.",
            "To compare it with the date of a leak, it has to be a date.",
            "A datetime, seconds since 1970, or ISO text.",
            "no-moment",
        )
    off = abs(moment - true)
    if off < 1:
        return None
    if naive and off <= 14 * 3600 and off % 900 == 0:
        return failed(
            "`made` is right but for the time zone, which it does not name.",
            "A log in UTC and a note in local time make an hour in which everything or nothing happened.",
            "`datetime.fromtimestamp(seconds, UTC)`.",
            "time-zone",
        )
    return _other_date(moment, true, view)


def _other_date(moment: float, true: float, view: View) -> Report:
    if any(abs(moment * factor - true) < 1 for factor in (1000, 1e-3, 1e-6)):
        return failed(
            "`made` is off by a factor of a thousand.",
            "Half of the world counts seconds and the other half milliseconds.",
            "Fernet counts seconds since 1970.",
            "other-unit",
        )
    if abs(moment - datetime.now(UTC).timestamp()) < 86400:
        return failed(
            "`made` is today.",
            "That is when you read the token. It was made earlier.",
            "The time is *in* the token: bytes 1 to 8.",
            "today",
        )
    raw = base64.urlsafe_b64decode(old_token(view))
    if int(moment) == int.from_bytes(raw[1:9], "little"):
        return failed(
            "`made` is read from the right bytes, from the wrong end.",
            "Formats on the wire begin with the largest part of a number, nearly always.",
            '`int.from_bytes(raw[1:9], "big")`.',
            "little-endian",
        )
    return failed(
        f"The token was not made at {_shown(moment)}.",
        "The time is in clear, eight bytes of it, behind the version.",
        "Undo the base64, then read bytes 1 to 8 (from 0, the version is byte 0).",
        "other-bytes",
    )


def _moment(value: Plain) -> tuple[float | None, bool]:
    """Seconds since 1970, and whether the answer leaves open in which time zone it is."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), False
    if not isinstance(value, str):
        return None, False
    if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value), False
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None, False
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC).timestamp(), True
    return moment.timestamp(), False


def _shown(moment: float) -> str:
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{moment:.0f} s after 1970"


def _size(value: Plain, view: View) -> Report | None:
    token = old_token(view)
    raw = len(base64.urlsafe_b64decode(token))
    inside = raw - _AROUND
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(each, int) for each in value)):
        return failed(
            "`size` is no pair of two whole numbers.",
            "The token does not tell one length. It tells the two between which it is.",
            "`size = (smallest, largest)`.",
            "no-pair",
        )
    low, high = sorted(int(each) for each in value if isinstance(each, int))
    if (low, high) == (inside - _BLOCK, inside - 1):
        return None
    if high in (raw, len(token)) or low == raw:
        return failed(
            "`size` is about the whole token.",
            "A token of ten secret bytes is 100 characters long. Nine tenths of it are not the secret.",
            "Take away the base64, then version, time, IV and HMAC.",
            "whole-token",
        )
    if high == inside or low == inside - _BLOCK + 1:
        return failed(
            "`size` leaves out that the padding is never empty.",
            "Data of exactly 16 bytes takes 32 bytes of ciphertext: a whole block of padding follows.",
            "At least 1 byte is padding, at most 16.",
            "padding-may-be-empty",
        )
    return failed(
        "`size` does not fit the length of the ciphertext.",
        "AES works in blocks of 16 bytes; the last block is filled up. So the length is known to within 16.",
        "Ciphertext: everything between the IV and the last 32 bytes.",
        "other-length",
    )
