"""Judge of lesson 4's exercise about a script that rotates the Fernet key."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.lab import View

Row = dict[str, Any]
_FLAGS = {"password": "is_encrypted", "extra": "is_extra_encrypted"}
# By id: the key that a row is encrypted with, and the columns that hold something.
_KINDS = {
    "both": ("old", ("password", "extra")),
    "token_only": ("old", ("extra",)),
    "login_only": ("old", ("password",)),
    "rotated_already": ("new", ("password", "extra")),
    "keyless": ("none", ("password", "extra")),
    "nothing": ("old", ()),
}


@exercise("lesson-4/half-rotation")
def half_rotation(folder: Path, view: View) -> Report:
    """The script's rows open with the new key alone, hold what they held, and nothing is in clear."""
    new, old = Fernet.generate_key(), Fernet.generate_key()
    rows, meant = _rows(view, Fernet(new), Fernet(old))
    done = _run(folder / "rotate.py", f"{new.decode()},{old.decode()}", rows)
    if isinstance(done, Report):
        return done
    printed = {row["conn_id"]: row for row in done}
    for kind in _KINDS:
        for column in _FLAGS:
            if wrong := _wrong(printed[kind], column, meant[kind][column], Fernet(new), Fernet(old)):
                return wrong
    return passed(
        f"The script was run on {len(rows)} rows with keys of their own. The new key reads all of them, and the old "
        "one none.",
        "Now the old key can go. What it still opens is the backup of last night.",
    )


def _rows(view: View, new: Fernet, old: Fernet) -> tuple[list[Row], dict[str, Row]]:
    """Rows of every kind, in an order that is not foreseen, and what they hold by id."""

    def word(what: str) -> str:
        return f"{view.seed.word(f'rotation/{what}')}-{secrets.token_hex(4)}"

    rows: list[Row] = []
    meant: dict[str, Row] = {}
    for kind, (which, columns) in sorted(_KINDS.items(), key=lambda _: secrets.token_bytes(4)):
        key = {"new": new, "old": old}.get(which)
        held = {
            "password": word("password") if "password" in columns else None,
            "extra": json.dumps({"api_key": word("extra")}) if "extra" in columns else None,
        }
        row: Row = {"conn_id": kind, "host": f"{kind}.internal"}
        for column, flag in _FLAGS.items():
            value = held[column]
            row[column] = key.encrypt(value.encode()).decode() if key and value else value
            row[flag] = bool(key and value)
        rows.append(row)
        meant[kind] = held
    return rows, meant


def _wrong(row: Row, column: str, meant: str | None, new: Fernet, old: Fernet) -> Report | None:
    value, where = row.get(column), f"The {column} of row `{row['conn_id']}`"
    if meant is None:
        return _changed(f"{where} was empty, and now there is something.") if value else None
    if not value:
        return _changed(f"{where} is gone.")
    if value == meant:
        return failed(
            f"{where} is in clear, as it was stored by an Airflow without a key.",
            "`airflow rotate-fernet-key` passes over such rows as well. Whoever relies on it keeps them for years.",
            "No flag, and something in the column: encrypt it, and set the flag.",
            "clear-rows-skipped",
        )
    text = _opened(new, value)
    if text == meant:
        return None if row.get(_FLAGS[column]) else _flag(where, column)
    return _closed(where, column, value, meant, new, old)


def _closed(where: str, column: str, value: str, meant: str, new: Fernet, old: Fernet) -> Report:
    text = _opened(new, value)
    if text is None and _opened(old, value) == meant:
        return failed(
            f"{where} opens with the old key only.",
            "Once that key is destroyed, Airflow says *Connection not found*, and nobody can bring it back.",
            "Which of its keys does `MultiFernet` encrypt with?" if column == "password" else "There are two columns.",
            "old-key-first" if column == "password" else "extra-forgotten",
        )
    twice = text is not None and meant in (_opened(new, text), _opened(old, text))
    return _changed(f"{where} {'is encrypted twice' if twice else 'does not open to what it held'}.")


def _flag(where: str, column: str) -> Report:
    return failed(
        f"{where} is encrypted, and its flag says that it is not.",
        "Airflow believes the flag, and hands the encrypted text to the task as the password.",
        f"`{_FLAGS[column]}` goes with `{column}`.",
        "flag-not-set",
    )


def _changed(saw: str) -> Report:
    return failed(
        saw,
        "The task that uses this connection cannot log in any more.",
        "Some rows are encrypted with the new key already, some have only one of the two columns.",
        "value-changed",
    )


def _opened(key: Fernet, value: str) -> str | None:
    try:
        return key.decrypt(value.encode()).decode()
    except (InvalidToken, UnicodeError):
        return None


def _run(script: Path, keys: str, rows: list[Row]) -> list[Row] | Report:
    inherited = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(script)],
            input=json.dumps(rows),
            env=inherited | {"AIRFLOW__CORE__FERNET_KEY": keys},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _broken("`rotate.py` was still running after a minute.")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return _broken(f"`rotate.py` ended with an error: {last[:200]}")
    try:
        printed = json.loads(done.stdout)
        same = {row["conn_id"] for row in printed} == {row["conn_id"] for row in rows} and len(printed) == len(rows)
    except (ValueError, TypeError, KeyError):
        same = False
    return printed if same else _broken("`rotate.py` does not print every row once, as JSON.")


def _broken(saw: str) -> Report:
    return failed(
        saw,
        "The import gets half a table, or none, and the old key is destroyed all the same.",
        "Which kinds of rows are there? Some have no password, some no extra, and some are not encrypted at all.",
        "script-fails",
    )
