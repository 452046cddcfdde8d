"""An exam: the graded tasks of some lessons with fresh personal values, a time limit and no hints.

It is an assignment of its own for nbgrader, ``exam-2-4`` for lessons 2 and 4, made of the lessons' sources.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from airlock import paths
from airlock.checks import catalogue
from airlock.course import layout, notebook
from airlock.course.build import keep_instructors
from airlock.course.exam_cells import examined
from airlock.course.release import release
from airlock.course.source import Cell, Role, Source
from airlock.lab.sitting import FILE, HANDED_IN, Sitting
from airlock.lesson import progress

MINUTES_A_POINT = 2
_RULES = """\
# Exam · {title}

- The clock runs, also while nothing else does: see [the exam's page](../exam.ipynb).
- The values are new: passwords, names and rows of the lesson's own notebook are wrong here.
- `check` says that your answer was seen, and not whether it is right. There are no hints. The lessons and
  anybody's documentation may be read.
- Cells above a task set it up: run them in order. **Save this notebook** (Ctrl+S) before you hand in.
"""


class NoExam(Exception):
    """A sentence for the learner: why there is no exam to begin or to hand in."""


def name(lessons: Iterable[int]) -> str:
    """The exam over these lessons, e.g. ``exam-2-4``. Raises `NoExam` for a lesson that does not exist."""
    chosen = sorted(set(lessons))
    missing = [number for number in chosen if number not in layout.lessons()]
    if missing or not chosen:
        there = ", ".join(str(number) for number in layout.lessons())
        raise NoExam(f"There is no lesson {missing[0] if missing else 'named'}; the lessons are {there}.")
    return "-".join(["exam", *(str(number) for number in chosen)])


def lessons_of(assignment: str) -> tuple[int, ...] | None:
    """The lessons of ``exam-2-4``; None when this is no exam's name."""
    if not re.fullmatch(r"exam(-\d+)+", assignment):
        return None
    found = tuple(int(number) for number in assignment.split("-")[1:])
    return found if list(found) == sorted(set(found)) and set(found) <= set(layout.lessons()) else None


def minutes_for(lessons: Iterable[int]) -> int:
    """How long an exam over these lessons takes unless somebody says otherwise, in steps of five minutes."""
    cells = [cell for number in lessons for source in layout.read_lesson(number) for cell in source.cells]
    points = sum(cell.points or catalogue.find(cell.task).points for cell in cells if cell.role in _GRADED)
    return math.ceil(points * MINUTES_A_POINT / 5) * 5


def tasks_of(lessons: Iterable[int]) -> list[str]:
    """The tasks that a check judges, in order."""
    return [
        cell.task
        for number in lessons
        for source in layout.read_lesson(number)
        for cell in source.cells
        if cell.role is Role.CHECK
    ]


def write_instructors(assignment: str) -> None:
    """Write the exam with its solutions where nbgrader looks for it. Raises `airlock.course.fault.BadSource`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / assignment
        folder.mkdir()
        for number in lessons_of(assignment) or ():
            for source in layout.read_lesson(number):
                made = notebook.instructor(reduced(source))
                (folder / f"{source.name}.ipynb").write_text(notebook.text(made), encoding="utf-8")
        keep_instructors(folder)


def begin(lessons: Iterable[int], minutes: int | None = None) -> Sitting:
    """Lay the exam out in the work folder and start its clock. An earlier sitting of the same exam is moved aside.

    Raises:
        NoExam: there is no such lesson, or another exam is running.
    """
    assignment = name(lessons)
    work = paths.work_dir()
    if running := [each for each in Sitting.all(work) if each.running]:
        raise NoExam(f"{running[0].name} is running, {running[0].left_in_words()}. Hand it in first.")
    numbers = lessons_of(assignment) or ()
    write_instructors(assignment)
    folder = work / assignment
    if folder.exists():
        aside = work / "past-exams" / f"{assignment}-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
        aside.parent.mkdir(exist_ok=True)
        folder.rename(aside)
    with tempfile.TemporaryDirectory() as scratch:
        release(layout.instructor_dir().parent, "source", scratch, assignment)
        shutil.copytree(Path(scratch) / assignment, folder)
    sitting = Sitting.begin(folder, numbers, minutes or minutes_for(numbers))
    (folder / "learner.json").write_text(json.dumps({"seed": sitting.seed.hex}) + "\n")
    _keep(sitting)
    return sitting


def hand_in(sitting: Sitting) -> Path:
    """Stop the clock and pack what an instructor needs; returns the archive. Raises `NoExam` the second time."""
    if sitting.handed_in:
        raise NoExam(f"{sitting.name} was handed in at {sitting.handed_in:%H:%M} UTC already.")
    done = sitting.note(HANDED_IN, files=fingerprints(sitting.folder))
    # nbgrader shows this time beside the submission.
    (done.folder / "timestamp.txt").write_text(f"{done.handed_in:%Y-%m-%d %H:%M:%S.%f} UTC\n")
    archive = done.folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in [*sorted(done.folder.glob("*.ipynb")), *(done.folder / each for each in _BESIDE)]:
            packed.write(file, f"{done.name}/{file.name}")
    _keep(done)
    return archive


def fingerprints(folder: Path) -> dict[str, str]:
    """SHA-256 of each notebook in a folder."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("*.ipynb"))}


def reduced(source: Source) -> Source:
    """A lesson's notebook as an exam has it."""
    title = next((line for cell in source.cells for line in cell.source.splitlines() if line.startswith("# ")), "# ")
    rules = Cell("markdown", _RULES.format(title=title[2:].partition(" · ")[2] or title[2:]), 0)
    return replace(source, cells=(rules, *examined(source)))


_GRADED = (Role.CHECK, Role.WRITTEN)
_BESIDE = ("learner.json", FILE, "timestamp.txt")


def _keep(sitting: Sitting) -> None:
    handed_in = sitting.handed_in.isoformat() if sitting.handed_in else None
    progress.current().record_exam(
        sitting.name,
        {
            "begun": sitting.begun.isoformat(),
            "ends": sitting.ends.isoformat(),
            "handed_in": handed_in,
            "receipt": sitting.receipt,
        },
    )
