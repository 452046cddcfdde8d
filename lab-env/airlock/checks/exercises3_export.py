"""Judge of the exercise “Sealed rows”: an encrypted export, attacked by somebody who has the files and not the key."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import Ran, run
from airlock.lab import View

_SCRIPT = "export.py"
_ENOUGH = 16
"""So many bytes of a keystream used twice are no chance."""


class _Stopped(Exception):
    """The judgement is made early: the report is the argument."""

    def __init__(self, report: Report) -> None:
        self.report = report


@exercise("lesson-3/sealed-rows")
def sealed_rows(folder: Path, view: View) -> Report:
    """What the script seals can be opened with the key, and neither read, compared, changed nor swapped without."""
    key = secrets.token_hex(32)
    word = view.seed.word("export")
    rows = {f"{n}": f"customer {secrets.token_hex(12)} owes {word}, {secrets.token_hex(4)}" for n in range(101, 104)}
    rows |= {"104": rows["101"]}
    try:
        first, second = (_sealed(folder, key, rows) for _ in range(2))
        report = _looked_at(rows, first, second) or _tampered(folder, key, rows, first)
        return report or passed(
            "The rows come back with the key. Without it, the check found nothing equal, nothing to compute from, and "
            "every row that it changed or swapped was refused.",
            "The files may lie on any drive now. The key may not.",
        )
    except _Stopped as stopped:
        return stopped.report


def _looked_at(rows: dict[str, str], first: dict[str, str], second: dict[str, str]) -> Report | None:
    """What somebody sees who has the files of two nights."""
    written = json.dumps(first)
    if any(text[:20] in form for text in rows.values() for form in (written, *_all_decoded(first))):
        return failed(
            "The rows can be read in the sealed file.",
            "Whoever finds the drive has the customers.",
            "Encrypt each row: `AESGCM(key).encrypt(…)`.",
            "in-clear",
        )
    return _compared(rows, first, second)


def _tampered(folder: Path, key: str, rows: dict[str, str], first: dict[str, str]) -> Report | None:
    """What `open` says to the file as it is, and to changed ones."""
    if _open(folder, key, first) != rows:
        return failed(
            "What `seal` wrote does not come back from `open`.",
            "An export that nobody can read is no backup.",
            "Keep with each row everything that `open` needs, the nonce too.",
            "not-opened",
        )
    for each, sealed in first.items():
        if _open(folder, key, first | {each: _changed(sealed)}) is not None:
            return failed(
                f"One byte of row {each} was changed in the file, and `open` said nothing.",
                "Somebody who cannot read an amount can still change it.",
                "A cipher with a tag notices: AES-GCM, ChaCha20-Poly1305. Let the error through.",
                "change-not-noticed",
            )
    if _open(folder, key, first | {"101": first["102"], "102": first["101"]}) is not None:
        return failed(
            "Rows 101 and 102 were swapped in the file, and `open` said nothing.",
            "The debt of one customer is that of another now, and no key was needed for it.",
            "Bind each row to its id: the third argument of `encrypt` and `decrypt`.",
            "rows-swapped",
        )
    if _open(folder, secrets.token_hex(32), first) is not None:
        return failed(
            "`open` works with another key, too.",
            "Then the key is somewhere else: in the script, or in the file.",
            "Use EXPORT_KEY, and nothing else.",
            "any-key",
        )
    return None


def _compared(rows: dict[str, str], first: dict[str, str], second: dict[str, str]) -> Report | None:
    raw = {each: _decoded(sealed) for each, sealed in first.items()}
    for one, other in combinations(rows, 2):
        if _same_stream(raw[one], raw[other], rows[one].encode(), rows[other].encode()):
            return failed(
                f"Rows {one} and {other} were encrypted with the same stream: laid over each other, they show one "
                "row to whoever knows the other.",
                "Under one key, a nonce may be used once. Here two rows had the same.",
                "Take a nonce of its own for each row, `os.urandom(12)`, and write it in front of the row.",
                "nonce-repeats",
            )
    for each, text in rows.items():
        if _same_stream(raw[each], _decoded(second[each]), text.encode(), text.encode()):
            return failed(
                f"Row {each} looks the same in two exports.",
                "Whoever has both files sees which customers changed; and of a row that did change, what.",
                "A nonce that follows from the row's id repeats every night. Take a random one.",
                "same-every-night",
            )
    return None


def _same_stream(one: bytes, other: bytes, text_one: bytes, text_other: bytes) -> bool:
    """Whether two ciphertexts, laid over each other, give what the two texts give."""
    size = min(len(text_one), len(text_other))
    wanted = bytes(a ^ b for a, b in zip(text_one[:size], text_other[:size], strict=True))
    over = bytes(a ^ b for a, b in zip(one, other, strict=False))
    return size >= _ENOUGH and wanted[-_ENOUGH:] in over


def _sealed(folder: Path, key: str, rows: dict[str, str]) -> dict[str, str]:
    done = run(folder / _SCRIPT, "seal", given={"EXPORT_KEY": key}, text=json.dumps(rows))
    sealed = _object(done)
    if sealed is None or set(sealed) != set(rows):
        said = done.trouble or "prints no JSON object with the same ids"
        raise _Stopped(
            failed(
                f"`export.py seal` {said}.",
                "Tonight there is no export.",
                "`EXPORT_KEY=… python export.py seal < rows.json`: an object from id to text goes in and comes out.",
                "script-fails",
            )
        )
    return sealed


def _open(folder: Path, key: str, sealed: dict[str, str]) -> dict[str, str] | None:
    """What `open` makes of a file; None when it refuses."""
    return _object(run(folder / _SCRIPT, "open", given={"EXPORT_KEY": key}, text=json.dumps(sealed)))


def _object(done: Ran) -> dict[str, str] | None:
    if done.trouble:
        return None
    try:
        found = json.loads(done.output)
    except ValueError:
        return None
    return found if isinstance(found, dict) and all(isinstance(text, str) for text in found.values()) else None


def _decoded(text: str) -> bytes:
    ways: tuple[Callable[[str], bytes], ...] = (
        bytes.fromhex,
        lambda each: base64.b64decode(each, validate=True),
        base64.urlsafe_b64decode,
    )
    for way in ways:
        try:
            return way(text)
        except ValueError:
            continue
    return text.encode()


def _all_decoded(sealed: dict[str, str]) -> list[str]:
    return [_decoded(text).decode(errors="replace") for text in sealed.values()]


def _changed(text: str) -> str:
    """The sealed row with one byte of its middle changed, written in the same way."""
    middle = len(text) // 2
    return text[:middle] + ("A" if text[middle] not in "Aa" else "b") + text[middle + 1 :]
