"""Progress to take along: written to a file, and brought back into what is here, losing nothing of either."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airlock.lesson import progress
from airlock.lesson.errors import LessonError
from airlock.lesson.progress import SECTIONS, VERSION, Record

KIND = "airlock progress"
_MAX_BYTES = 10_000_000
_MODES = {
    "checks": "do",
    "predictions": "predict",
    "matrices": "predict",
    "myths": "predict",
    "cards": "recall",
    "exercises": "fix",
    "visits": "visit",
    "exams": "exam",
}


def save(file: Path) -> str:
    """Write everything to ``file``, as CSV when its name ends so, else as JSON; returns a sentence.

    Raises:
        LessonError: it cannot be written.
    """
    data = progress.current().read()
    whole = {"kind": KIND, "saved": datetime.now(UTC).isoformat(timespec="seconds"), **data}
    text = as_csv(data) if file.suffix.lower() == ".csv" else json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LessonError(f"{file} cannot be written: {error.strerror}.") from None
    return f"{_count(data)} written to {file}."


def bring(file: Path) -> str:
    """Bring back what `save` wrote (JSON); returns a sentence. Raises `LessonError` for any other file."""
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise LessonError(f"{file.name} is too large to be anybody's progress.")
        return bring_text(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{file.name} cannot be read: {error}.") from None


def bring_text(text: str, name: str) -> str:
    """The same for the content of a file. What is further on stands: nothing here is lost."""
    theirs = _understood(text, name)
    with progress.current().change() as mine:
        before = _count(mine)
        for section in SECTIONS:
            mine[section].update(_merged(section, mine[section], theirs[section]))
        after = _count(mine)
    return f"{name} was brought in: {before} before, {after} now."


def as_csv(data: Record) -> str:
    """One line for each thing done: mode, what, how it stands, points, when."""
    stream = io.StringIO()
    lines = csv.writer(stream)
    lines.writerow(["mode", "item", "state", "points", "of", "when"])
    for section in SECTIONS:
        for key, entry in sorted(data[section].items()):
            lines.writerow([_MODES[section], key, *_state(section, entry)])
    return stream.getvalue()


def _state(section: str, entry: Record) -> list[Any]:
    """State, points, points to be had, and when."""
    points: tuple[Any, Any] = ("", "")
    when = entry.get("committed") or entry.get("answered") or entry.get("first_passed") or entry.get("first", "")
    match section:
        case "checks":
            state = "passed" if entry.get("first_passed") else entry.get("outcome", "")
            points, when = (entry.get("best", ""), entry.get("points", "")), entry.get("last_run", "")
        case "predictions":
            state = f"answered {entry.get('answer', '')}"
        case "matrices":
            guessed = sum("predicted" in cell for cell in entry.values())
            state = f"{guessed} cells predicted, {sum('observed' in cell for cell in entry.values())} run"
        case "myths":
            state = "yes" if entry.get("belief") else "no"
        case "cards":
            state = f"due {entry.get('due', '')}"
        case "exams":
            state, when = "handed in" if entry.get("handed_in") else "begun", entry.get("begun", "")
        case _:
            state = "done"
    return [state, *points, when]


def _understood(text: str, name: str) -> Record:
    try:
        data = json.loads(text)
        if data["kind"] != KIND or data["version"] != VERSION:
            raise ValueError
        found: Record = {section: data.get(section, {}) for section in SECTIONS}
        whole = all(isinstance(entry, dict) for section in found.values() for entry in section.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise LessonError(f"{name} is not a copy of anybody's progress. `./airlock progress --export` writes one.")
    return found


def _merged(section: str, mine: Record, theirs: Record) -> Record:
    """What is to change in ``mine``: what it does not have, and what is further on in ``theirs``."""
    if section == "matrices":
        return {key: cells | mine.get(key, {}) for key, cells in theirs.items()}
    further = _FURTHER.get(section)
    return {
        key: entry if key not in mine or (further and further(entry) > further(mine[key])) else mine[key]
        for key, entry in theirs.items()
    }


# By section, what tells which of two entries is further on. In all others the one that is here stands.
_FURTHER: dict[str, Callable[[Record], tuple[Any, ...]]] = {
    "checks": lambda entry: (
        bool(entry.get("first_passed")),
        float(entry.get("best") or 0),
        int(entry.get("attempts") or 0),
    ),
    "predictions": lambda entry: (bool(entry.get("revealed")),),
    "cards": lambda entry: (str(entry.get("answered", "")),),
    "exams": lambda entry: (bool(entry.get("handed_in")), str(entry.get("begun", ""))),
}


def _count(data: Record) -> str:
    entries = sum(len(data[section]) for section in SECTIONS)
    return f"{entries} thing{'s' if entries != 1 else ''} done"
