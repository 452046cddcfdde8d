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
from airlock.lesson import flashcards, matrix_board, progress
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
        notebooks: paths relative to the work folder; none when this release does not have the lesson.
        tasks: its graded tasks.
        questions: ids of its predictions, matrices and myths, in the notebook's order.
        sections: by call (``cards``, ``watch`` …) a link to the heading it first stands under; ``handshake`` is
            something to watch, too, and so is what a heading calls "Watch", or a matrix.
        exercises: its exercises, by name.
        cards: number of flash cards.
        capstone: the tasks that stand in the notebook of the capstone.
    """

    number: int
    title: str
    level: str
    notebooks: tuple[str, ...]
    tasks: tuple[Check, ...]
    questions: tuple[str, ...]
    sections: dict[str, str]
    exercises: tuple[Repair, ...]
    cards: int
    capstone: tuple[str, ...] = ()

    @property
    def notebook(self) -> str | None:
        """Where the lesson begins."""
        return self.notebooks[0] if self.notebooks else None

    @property
    def folder(self) -> str:
        """Its folder in the work folder."""
        return f"lesson-{self.number}"


@dataclass(frozen=True)
class Standing:
    """How far a learner is in one lesson. ``earned`` and ``points`` are points, everything else counts."""

    begun: bool
    watched: bool
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


def standings(work: Path) -> list[tuple[Lesson, Standing]]:
    """All six with this learner's standing in each."""
    store = progress.current()
    return [(lesson, standing(lesson, store)) for lesson in lessons(work)]


def standing(lesson: Lesson, store: Progress) -> Standing:
    """This learner's standing in a lesson."""
    results = [store.check(each.task) or {} for each in lesson.tasks]
    open_tasks = [each for each in lesson.tasks if not store.passed(each.task)]
    open_exercises = [each for each in lesson.exercises if not store.exercise_passed(each.name)]
    data, begun = store.read(), store.begun(lesson.number)
    return Standing(
        begun=begun,
        watched=store.visited("watch", lesson.folder),
        passed=len(lesson.tasks) - len(open_tasks),
        earned=sum(result.get("best", 0.0) for result in results),
        points=sum(each.points for each in lesson.tasks),
        answered=sum(_answered(key, data) for key in lesson.questions),
        repaired=len(lesson.exercises) - len(open_exercises),
        due=len(flashcards.due(lesson.number)) if lesson.notebook and begun else 0,
        next_task=open_tasks[0] if open_tasks else None,
        next_exercise=open_exercises[0] if open_exercises else None,
    )


def _answered(key: str, data: Record) -> bool:
    # Of a matrix one cell is enough; a cell can have been run without a prediction.
    cells = data["matrices"].get(key, {}).values()
    return key in data["predictions"] or key in data["myths"] or any("predicted" in cell for cell in cells)


def _lesson(work: Path, number: int, title: str, level: str) -> Lesson:
    folder = f"lesson-{number}"
    files = _own(sorted((work / folder).glob("*.ipynb")), folder)
    if not files:
        return Lesson(number, title, level, (), (), (), {}, (), 0)
    questions, sections = _contents(work, files)
    manifests = sorted((paths.course_root() / "exercises" / folder).glob("*/exercise.toml"))
    return Lesson(
        number,
        title,
        level,
        notebooks=tuple(f"{folder}/{file.name}" for file in files),
        tasks=tuple(catalogue.of_lesson(number)),
        questions=questions,
        sections=sections,
        exercises=tuple(_repair(work, f"{folder}/{each.parent.name}", each) for each in manifests),
        cards=len(flashcards.deck(number)),
        capstone=tuple(task for file in files if "capstone" in file.name for task in _checked(file)),
    )


def _own(files: list[Path], folder: str) -> list[Path]:
    # Who begins a lesson anew keeps the old copy under another name, as the guide says: it counts no second time.
    handed_out = {file.name for file in (paths.course_root() / "notebooks" / folder).glob("*.ipynb")}
    return [file for file in files if file.name in handed_out] or files


def _repair(work: Path, name: str, manifest: Path) -> Repair:
    page = f"exercises/{name}/README.md"
    title = tomllib.loads(manifest.read_text(encoding="utf-8")).get("title", name)
    return Repair(name, str(title), page if (work / page).exists() else None)


def _contents(work: Path, files: list[Path]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Ids of predictions, matrices and myths, and where the first call of each kind stands."""
    keys: list[str] = []
    sections: dict[str, str] = {}
    named: dict[str, str] = {}
    for file in files:
        place = file.relative_to(work).as_posix()
        for kind, source in _cells(file):
            if kind == "markdown":
                for heading in re.findall(r"^#{1,6}\s+(.+?)\s*$", source, re.MULTILINE):
                    # What JupyterLab makes of a heading's text.
                    place = f"{file.relative_to(work).as_posix()}#{re.sub(r'[`*]', '', heading).replace(' ', '-')}"
                    if heading.startswith("Watch"):
                        named.setdefault("watch", place)
                continue
            keys += _KEY.findall(source) + [key or matrix_board.KEY for key in _MATRIX.findall(source)]
            for call in re.findall(r"^\s*(cards|watch|handshake|predict|matrix|check|myth)\(", source, re.MULTILINE):
                sections.setdefault("watch" if call == "handshake" else call, place)
    found = named | sections
    if "matrix" in found:  # every attacker at work, live: what there is to watch in a lesson without a viewer
        found.setdefault("watch", found["matrix"])
    return tuple(dict.fromkeys(keys)), found


def _checked(file: Path) -> list[str]:
    return re.findall(
        r"""check\(["'](\d+\.\d+)["']\)""", "\n".join(source for kind, source in _cells(file) if kind == "code")
    )


def _cells(file: Path) -> Iterator[tuple[str, str]]:
    # The learner owns this copy and may have broken it: then it simply has no sections to offer.
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            source = cell["source"]
            yield cell["cell_type"], source if isinstance(source, str) else "".join(source)
    except (ValueError, KeyError, TypeError, OSError):
        return
