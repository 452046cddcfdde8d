"""A learner's way through the exercises: which one is next, which hint, what changed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path

from airlock import paths
from airlock.checks.report import Outcome, Report
from airlock.course.exercises import Exercise, all_exercises
from airlock.lab import View
from airlock.lesson import progress


def judge(exercise: Exercise, view: View) -> Report:
    """Judge the learner's copy, made when there is none yet. A pass is kept in the learner's progress."""
    exercise.prepare()
    report = exercise.judge(exercise.folder, view)
    if report.outcome is Outcome.PASSED:
        progress.current().record_exercise(exercise.name)
    return report


def passed(exercise: Exercise) -> bool:
    """Whether the exercise has ever passed."""
    return progress.current().exercise_passed(exercise.name)


def following() -> Exercise | None:
    """The first exercise that has not passed yet; None when all have."""
    return next((each for each in all_exercises() if not passed(each)), None)


def hints_given(exercise: Exercise) -> int:
    """How many of the three hints the learner has seen."""
    return _given().get(exercise.name, 0)


def next_hint(exercise: Exercise) -> tuple[int, str]:
    """The number (1 to 3) and text of the next hint. After the third, the third again."""
    given = _given()
    number = min(given.get(exercise.name, 0) + 1, 3)
    _keep(given | {exercise.name: number})
    return number, exercise.hints[number - 1]


def reset(exercise: Exercise) -> Path | None:
    """Begin again: the files as they were, and the hints from the first. Returns where the old files are kept."""
    given = _given()
    given.pop(exercise.name, None)
    _keep(given)
    return exercise.reset()


def difference(exercise: Exercise) -> Iterator[str]:
    """From the learner's repair to the reference, as a unified diff."""
    for name in exercise.files:
        mine, reference = exercise.folder / name, exercise.reference / name
        if reference.exists():
            yield from difflib.unified_diff(
                _lines(mine), _lines(reference), f"yours/{name}", f"reference/{name}", lineterm=""
            )


def stamps(exercise: Exercise) -> dict[str, int]:
    """When each file of the learner's copy was last changed; another value means that it was saved."""
    return {str(file): file.stat().st_mtime_ns for file in sorted(exercise.folder.rglob("*")) if file.is_file()}


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []


def _file() -> Path:
    return paths.work_dir() / "exercises" / ".hints.json"


def _given() -> dict[str, int]:
    try:
        known: dict[str, int] = json.loads(_file().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _keep(given: dict[str, int]) -> None:
    _file().parent.mkdir(parents=True, exist_ok=True)
    partial = _file().with_suffix(".partial")
    partial.write_text(json.dumps(given))
    partial.replace(_file())
