"""Where this learner stands: one small JSON file that survives kernels, restarts and crashes.

Every change is made under a file lock and written atomically, so two notebooks and a terminal can share the
file. While work is being graded nothing is written: the store then lives in this process only.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airlock import paths
from airlock.checks.report import Outcome, Report

VERSION = 1
Record = dict[str, Any]
SECTIONS = ("predictions", "matrices", "myths", "checks", "cards", "exercises", "visits", "exams")


def _empty() -> Record:
    return {"version": VERSION, **{name: {} for name in SECTIONS}}


@dataclass
class Progress:
    """The store.

    Attributes:
        file: ``progress.json``, or None to keep everything in memory.
        say: how to tell the learner that something went wrong with the file.
    """

    file: Path | None
    say: Callable[[str], None] = print
    _memory: Record = field(default_factory=_empty)

    def check(self, task: str) -> Record | None:
        """``{outcome, earned, best, points, attempts, first_passed, last_passed, last_run}`` of a task, or None."""
        return self._get("checks", task)

    def passed(self, task: str) -> bool:
        """Whether the task has ever passed in full."""
        return bool((self.check(task) or {}).get("first_passed"))

    def record_check(self, report: Report) -> None:
        """Keep the result of a check. A check that could not be judged counts as no attempt."""
        now = _now()
        with self.change() as data:
            old = data["checks"].get(report.task, {})
            judged = report.outcome in (Outcome.PASSED, Outcome.FAILED)
            full = report.outcome is Outcome.PASSED
            data["checks"][report.task] = {
                "outcome": report.outcome.value,
                "earned": report.earned,
                "best": max(report.earned, old.get("best", 0.0)),
                "points": report.points,
                "attempts": old.get("attempts", 0) + judged,
                "first_passed": old.get("first_passed") or (now if full else None),
                "last_passed": now if full else old.get("last_passed"),
                "last_run": now,
            }

    def prediction(self, key: str) -> Record | None:
        """``{answer, options, committed, revealed}`` of a prediction, or None."""
        return self._get("predictions", key)

    def predict(self, key: str, answer: str, options: dict[str, str]) -> None:
        """Keep an answer. After the reveal the first answer stands: nothing is changed."""
        with self.change() as data:
            if not data["predictions"].get(key, {}).get("revealed"):
                data["predictions"][key] = {
                    "answer": answer,
                    "options": options,
                    "committed": _now(),
                    "revealed": None,
                }

    def reveal(self, key: str) -> None:
        """Close a prediction. Does nothing when there is none, or when it is closed already."""
        known = self.prediction(key)
        if known and not known["revealed"]:
            with self.change() as data:
                data["predictions"][key]["revealed"] = _now()

    def matrix(self, key: str) -> dict[str, Record]:
        """``{predicted, committed, observed, error, gained, first_run, last_run}`` of every cell of a matrix that was
        predicted or run, by the cell's name, e.g. ``require/downgrade/host/scram``."""
        return dict(self._get("matrices", key) or {})

    def predict_cells(self, key: str, answers: Mapping[str, str | None]) -> None:
        """Keep predictions of cells; None takes one back. Where a cell was observed nothing is changed."""
        with self.change() as data:
            cells = data["matrices"].setdefault(key, {})
            for name, answer in answers.items():
                known = cells.get(name, {})
                if known.get("observed") or answer == known.get("predicted"):
                    continue
                if answer is None:
                    del cells[name]
                else:
                    cells[name] = {"predicted": answer, "committed": _now()}

    def record_cell(self, key: str, name: str, outcome: str, error: str, gained: str) -> None:
        """Keep what was observed of a cell; the last run stands, and the time of the first beside it."""
        with self.change() as data:
            known = data["matrices"].setdefault(key, {}).setdefault(name, {})
            now = _now()
            known |= {"observed": outcome, "error": error, "gained": gained, "last_run": now}
            known.setdefault("first_run", now)

    def myth(self, key: str) -> bool | None:
        """What the learner believed of a myth, or None."""
        known = self._get("myths", key)
        return known["belief"] if known else None

    def record_myth(self, key: str, belief: bool) -> None:
        """Keep what the learner believed; the first answer stands."""
        with self.change() as data:
            data["myths"].setdefault(key, {"belief": belief, "committed": _now()})

    def cards(self) -> dict[str, Record]:
        """What `airlock.lesson.memory` keeps of every flash card answered so far; ``due`` is an ISO date."""
        return dict(self.read()["cards"])

    def record_card(self, key: str, memory: Record) -> None:
        """Keep what is known of a card after an answer."""
        with self.change() as data:
            data["cards"][key] = {**memory, "answered": _now()}

    def exercise_passed(self, key: str) -> bool:
        """Whether the exercise, e.g. ``lesson-1/shadowed``, has ever passed."""
        return self._get("exercises", key) is not None

    def record_exercise(self, key: str) -> None:
        """Note that an exercise passed; the first time stands."""
        with self.change() as data:
            data["exercises"].setdefault(key, {"first_passed": _now()})

    def visit(self, way: str, folder: str = "") -> None:
        """Note that something of this way was done, in the folder (the lesson) that the notebook is in."""
        key = f"{way}/{folder or Path.cwd().name}"
        if not self._get("visits", key):
            with self.change() as data:
                data["visits"].setdefault(key, {"first": _now()})

    def visited(self, way: str, folder: str) -> bool:
        """Whether `visit` was ever noted there; the folder is a lesson's, e.g. ``lesson-2``."""
        return self._get("visits", f"{way}/{folder}") is not None

    def record_exam(self, name: str, standing: Record) -> None:
        """Keep ``{begun, ends, handed_in, receipt}`` of an exam that was sat."""
        with self.change() as data:
            data["exams"][name] = standing

    def begun(self, lesson: int) -> bool:
        """Whether anything was done in a lesson: a task, a prediction, a card."""
        data, signs = self.read(), {"checks": ".", "predictions": "-", "myths": "-", "cards": "/"}
        return any(key.startswith(f"{lesson}{sign}") for section, sign in signs.items() for key in data[section])

    def read(self) -> Record:
        """Everything, as it is now."""
        if self.file is None:
            return self._memory
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']}, not {VERSION}")
            return {**_empty(), **{name: dict(data.get(name, {})) for name in SECTIONS}}
        except FileNotFoundError:
            return _empty()
        except (ValueError, KeyError, TypeError) as error:
            self._set_aside(error)
            return _empty()

    @contextmanager
    def change(self) -> Iterator[Record]:
        """The data, to be changed in place; saved when the block ends without an error."""
        if self.file is None:
            yield self._memory
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = self.file.with_suffix(".lock").open("w")
        except OSError as error:
            self.say(f"Your progress cannot be saved: {error}.")
            yield self.read()
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            data = self.read()
            yield data
            self._save(data)

    def _save(self, data: Record) -> None:
        if self.file is None:
            return
        partial = self.file.with_suffix(".partial")
        try:
            partial.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
            partial.replace(self.file)
        except OSError as error:
            self.say(f"Your progress could not be saved: {error}.")

    def _get(self, section: str, key: str) -> Record | None:
        found: Record | None = self.read()[section].get(key)
        return found

    def _set_aside(self, error: Exception) -> None:
        if self.file is None:
            return
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        aside = self.file.with_name(f"{self.file.name}.unreadable-{stamp}")
        try:
            self.file.replace(aside)
        except FileNotFoundError:
            return  # another process was quicker
        self.say(f"{self.file} could not be read ({error}). It is kept as {aside.name}; progress starts anew.")


_in_memory = Progress(None)


def current() -> Progress:
    """This learner's progress; kept in memory only while work is being graded."""
    if os.environ.get("AIRLOCK_SEED") or os.environ.get("NBGRADER_EXECUTION"):
        return _in_memory
    return Progress(paths.state_dir() / "progress.json")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
