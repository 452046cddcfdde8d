"""Where the course material is: the lessons' sources, their cases and pictures, and what is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from airlock import paths
from airlock.course.fault import BadSource, Fault
from airlock.course.source import Source, read

CASES = "cases"
_HIDDEN = {CASES, "__pycache__", ".ipynb_checkpoints"}


def sources_dir() -> Path:
    """The only source of the lessons: ``solutions/notebooks/``."""
    return paths.course_root() / "solutions" / "notebooks"


def released_dir() -> Path:
    """The lessons as learners get them: ``notebooks/``."""
    return paths.course_root() / "notebooks"


def instructor_dir() -> Path:
    """nbgrader's source folder, made by the build: lessons with solutions in. Never committed."""
    return paths.state_dir() / "course" / "source"


def lessons() -> list[int]:
    """The numbers of the lessons that exist, in order."""
    folders = [re.fullmatch(r"lesson-(\d+)", folder.name) for folder in sources_dir().glob("lesson-*")]
    return sorted(int(match[1]) for match in folders if match)


def lesson_dir(lesson: int) -> Path:
    """The folder of a lesson's source."""
    return sources_dir() / f"lesson-{lesson}"


def read_lesson(lesson: int) -> list[Source]:
    """The notebooks of a lesson, in the order of their names. Raises `BadSource` with every fault of all of them."""
    found: list[Source] = []
    faults: list[Fault] = []
    for file in sorted(lesson_dir(lesson).glob("*.py")):
        try:
            found.append(read(file, lesson))
        except BadSource as bad:
            faults += bad.faults
    if not found and not faults:
        faults.append(Fault("source", lesson_dir(lesson), 0, "the folder holds no lesson."))
    if faults:
        raise BadSource(faults)
    return found


def companions(folder: Path) -> Iterator[Path]:
    """The files that travel with a folder's notebooks (pictures), sorted, relative to the folder."""
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.is_file() and file.suffix != ".py" and not _HIDDEN & set(inside.parts):
            yield inside
