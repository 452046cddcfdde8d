"""The six lessons, what of them is in this release, and how far this learner is. Everything is counted, not stated."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from airlock import paths
from airlock.checks import catalogue
from airlock.checks.catalogue import Check
from airlock.lesson import flashcards, matrix_board
from airlock.lesson.progress import Progress, Record

_TITLES = (
    ("What is a connection in Airflow", "foundation"),
    ("Why protect connection data", "foundation"),
    ("Basics of encryption", "intermediate"),
    ("How Airflow supports encrypted connections", "intermediate"),
    ("Configuring SSL/TLS for Airflow connections", "advanced"),
    ("Pitfalls and advanced practice", "expert"),
)
_KEY = re.compile(r"""^\s*(?:predict|myth)\(\s*["']([^"']+)["']""", re.MULTILINE)
_MATRIX = re.compile(r"""^\s*matrix\((?:[^)]*?\bkey\s*=\s*["']([^"']+)["'])?""", re.MULTILINE)


@dataclass(frozen=True)
class Repair:
    """One exercise. ``page`` is its text, relative to the work folder; None until the learner has a copy."""

    name: str
    title: str
    page: str | None


@dataclass(frozen=True)
class Lesson:
    """One lesson as it lies in the learner's work folder.

    Attributes:
        notebook: path relative to the work folder, or None when this release does not have it.
        tasks: its graded tasks.
        questions: ids of its predictions, matrices and myths, in the notebook's order.
        sections: by call (``cards``, ``watch`` …) the heading it first stands under, as an anchor; ``handshake``
            is something to watch, too.
        exercises: its exercises, by name.
        cards: number of flash cards.
    """

    number: int
    title: str
    level: str
    notebook: str | None
    tasks: tuple[Check, ...]
    questions: tuple[str, ...]
    sections: dict[str, str]
    exercises: tuple[Repair, ...]
    cards: int


@dataclass(frozen=True)
class Standing:
    """How far a learner is in one lesson. ``earned`` and ``points`` are points, everything else counts."""

    passed: int
    earned: float
    points: float
    answered: int
    repaired: int
    due: int
    next_task: Check | None
    next_exercise: Repair | None


def lessons(work: Path) -> list[Lesson]:
    """All six, as found in ``work``."""
    return [_lesson(work, number, *entry) for number, entry in enumerate(_TITLES, start=1)]


def standing(lesson: Lesson, progress: Progress) -> Standing:
    """This learner's standing in a lesson."""
    results = [progress.check(each.task) or {} for each in lesson.tasks]
    open_tasks = [each for each in lesson.tasks if not progress.passed(each.task)]
    open_exercises = [each for each in lesson.exercises if not progress.exercise_passed(each.name)]
    data = progress.read()
    return Standing(
        passed=len(lesson.tasks) - len(open_tasks),
        earned=sum(result.get("best", 0.0) for result in results),
        points=sum(each.points for each in lesson.tasks),
        answered=sum(_answered(key, data) for key in lesson.questions),
        repaired=len(lesson.exercises) - len(open_exercises),
        due=len(flashcards.due(lesson.number)) if lesson.notebook else 0,
        next_task=open_tasks[0] if open_tasks else None,
        next_exercise=open_exercises[0] if open_exercises else None,
    )


def _answered(key: str, data: Record) -> bool:
    # Of a matrix one cell is enough; a cell can have been run without a prediction.
    cells = data["matrices"].get(key, {}).values()
    return key in data["predictions"] or key in data["myths"] or any("predicted" in cell for cell in cells)


def _lesson(work: Path, number: int, title: str, level: str) -> Lesson:
    folder = f"lesson-{number}"
    file = next(iter(sorted((work / folder).glob("*.ipynb"))), None)
    if file is None:
        return Lesson(number, title, level, None, (), (), {}, (), 0)
    questions, sections = _contents(file)
    manifests = sorted((paths.course_root() / "exercises" / folder).glob("*/exercise.toml"))
    return Lesson(
        number,
        title,
        level,
        notebook=f"{folder}/{file.name}",
        tasks=tuple(catalogue.of_lesson(number)),
        questions=questions,
        sections=sections,
        exercises=tuple(_repair(work, f"{folder}/{each.parent.name}", each) for each in manifests),
        cards=len(flashcards.deck(number)),
    )


def _repair(work: Path, name: str, manifest: Path) -> Repair:
    page = f"exercises/{name}/README.md"
    title = tomllib.loads(manifest.read_text(encoding="utf-8")).get("title", name)
    return Repair(name, str(title), page if (work / page).exists() else None)


def _contents(file: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Ids of predictions, matrices and myths, and where the first call of each kind stands."""
    keys: list[str] = []
    sections: dict[str, str] = {}
    heading = ""
    for kind, source in _cells(file):
        if kind == "markdown":
            found = re.findall(r"^#{1,6}\s+(.+?)\s*$", source, re.MULTILINE)
            heading = found[-1].replace(" ", "-") if found else heading
            continue
        keys += _KEY.findall(source) + [key or matrix_board.KEY for key in _MATRIX.findall(source)]
        for call in re.findall(r"^\s*(cards|watch|handshake|predict|matrix|check|myth)\(", source, re.MULTILINE):
            sections.setdefault("watch" if call == "handshake" else call, heading)
    return tuple(dict.fromkeys(keys)), sections


def _cells(file: Path) -> Iterator[tuple[str, str]]:
    # The learner owns this copy and may have broken it: then it simply has no sections to offer.
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            source = cell["source"]
            yield cell["cell_type"], source if isinstance(source, str) else "".join(source)
    except (ValueError, KeyError, TypeError, OSError):
        return
