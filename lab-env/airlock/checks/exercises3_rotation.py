"""Judge of the exercise “Half a rotation”: a script that puts stored tokens under a new Fernet key."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import run
from airlock.lab import View

_COLUMNS = ("password", "extra")
_LOST = "forgotten"


@exercise("lesson-3/half-a-rotation")
def half_a_rotation(folder: Path, view: View) -> Report:
    """Every token that either key opens is under the new one; the one that neither opens is kept, and named."""
    old, new, gone = (Fernet.generate_key() for _ in range(3))
    secret = {each: f"{view.seed.word(f'rotation/{each}')}-{secrets.token_hex(4)}" for each in ("a", "b", "c", "d")}
    rows = [
        _row("shop", _under(old, secret["a"]), _under(old, '{"sslmode": "require"}')),
        _row("billing", None, _under(old, json.dumps({"token": secret["b"]}))),
        _row("archive", _under(new, secret["c"]), None),
        _row(_LOST, _under(gone, secret["d"]), None),
    ]
    keys = {"FERNET_KEY_OLD": old.decode(), "FERNET_KEY_NEW": new.decode()}
    done = run(folder / "rotate.py", given=keys, text=json.dumps(rows))
    try:
        written = json.loads(done.output)
    except ValueError:
        written = None
    if not isinstance(written, list):
        return _broken(done.trouble or "prints no JSON list")
    if report := _wrong(rows, written, Fernet(old), Fernet(new)):
        return report
    if _LOST not in done.errors:
        return failed(
            f"The row `{_LOST}` is kept, and nobody is told that no key opens it.",
            "It is found in three months, by a task that fails at night.",
            "Write its name to standard error: `print(…, file=sys.stderr)`.",
            "lost-in-silence",
        )
    return passed(
        "Every token that either key opened is under the new one, password and extra alike. The one that neither "
        "opens was kept and named.",
        "The old key can be taken out of the configuration.",
    )


def _wrong(rows: list[dict[str, Any]], written: list[Any], old: Fernet, new: Fernet) -> Report | None:
    named = {row["conn_id"]: row for row in written if isinstance(row, dict) and "conn_id" in row}
    for row in rows:
        conn_id = row["conn_id"]
        if conn_id not in named:
            return failed(
                f"The row `{conn_id}` is gone.",
                "What is not written back is lost, with the key that might have opened it one day.",
                "Every row that comes in goes out.",
                "row-lost",
            )
        for column in _COLUMNS:
            if report := _token(f"{column}` of `{conn_id}", row[column], named[conn_id].get(column), old, new):
                return report
    return None


def _token(which: str, before: str | None, after: Any, old: Fernet, new: Fernet) -> Report | None:
    content = _opened(old, before) or _opened(new, before)
    if content is None:
        if after == before:
            return None
        return failed(
            f"The column `{which}` was changed, and no key had opened it." if before else f"`{which}` was empty.",
            "A token that cannot be opened today may be opened with a key from a backup. Overwritten it is gone.",
            "Leave what you cannot open as it is.",
            "unreadable-changed" if before else "empty-filled",
        )
    if not isinstance(after, str):
        return failed(
            f"The column `{which}` is empty now.",
            "The connection lost its secret.",
            "Rotate it, or leave it as it is.",
            "token-lost",
        )
    if _opened(new, after) == content:
        return None
    if _opened(old, after) is not None:
        extra = which.startswith("extra")
        return failed(
            f"The column `{which}` still needs the old key.",
            "Airflow encrypts two columns. A token in the extra is as secret as a password."
            if extra
            else "MultiFernet encrypts with the first of its keys. The script reports success all the same.",
            "Rotate `extra` like `password`." if extra else "Which of the two keys has to be the first?",
            "extra-left-out" if extra else "old-key-first",
        )
    return failed(
        f"The column `{which}` does not hold what it held, under the new key.",
        "A wrong password looks like an attack to the other side, and locks the account.",
        "`MultiFernet([new, old]).rotate(token)` for each token.",
        "other-content",
    )


def _row(conn_id: str, password: str | None, extra: str | None) -> dict[str, Any]:
    return {"conn_id": conn_id, "password": password, "extra": extra}


def _under(key: bytes, text: str) -> str:
    return Fernet(key).encrypt(text.encode()).decode()


def _opened(key: Fernet, token: str | None) -> bytes | None:
    try:
        return key.decrypt(token.encode()) if token else None
    except InvalidToken:
        return None


def _broken(said: str) -> Report:
    return failed(
        f"`rotate.py` {said}.",
        "Half of the rows are rotated, and nobody knows which half.",
        "`FERNET_KEY_OLD=… FERNET_KEY_NEW=… python rotate.py < rows.json`",
        "script-fails",
    )
