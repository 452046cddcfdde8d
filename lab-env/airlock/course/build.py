"""`airlock build`: from the text that lessons are written in to the notebooks that learners open.

Everything under ``notebooks/`` is made here and committed; ``airlock build --check`` fails when a committed file is
not what the source gives.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from airlock.course import layout, notebook
from airlock.course.fault import BadSource, Fault
from airlock.course.release import release
from airlock.course.source import Source


@dataclass(frozen=True)
class Built:
    """The difference between what the source gives and what is in ``notebooks/``.

    Attributes:
        files: everything the source gives: path inside ``notebooks/`` to content.
        stale: those that are missing or different there.
        left_over: files there that the source does not give.
    """

    files: dict[Path, bytes]
    stale: tuple[Path, ...]
    left_over: tuple[Path, ...]

    @property
    def fresh(self) -> bool:
        """Whether ``notebooks/`` is exactly what the source gives."""
        return not self.stale and not self.left_over


def build() -> Built:
    """Make everything: the instructor's version in the state folder, the learners' in memory for `write`.

    Raises:
        BadSource: a source is wrong; nothing has been changed.
    """
    lessons = {number: layout.read_lesson(number) for number in layout.lessons()}
    for sources in lessons.values():
        if faults := list(notebook.faults(sources)):
            raise BadSource(faults)
    with tempfile.TemporaryDirectory() as scratch:  # of our own: another command may be building, too
        for number, sources in lessons.items():
            _write_instructors(Path(scratch) / "source" / f"lesson-{number}", number, sources)
            release(Path(scratch), "source", "release", f"lesson-{number}")
            keep_instructors(Path(scratch) / "source" / f"lesson-{number}")
        return _compare(_content(Path(scratch) / "release"), layout.released_dir())


def write(built: Built) -> None:
    """Put what was built in ``notebooks/`` and take away what the source no longer gives."""
    _put(built, layout.released_dir())


def keep_instructors(folder: Path) -> None:
    """Put an assignment's folder, solutions included, where nbgrader looks for it."""
    target = layout.instructor_dir() / folder.name
    target.mkdir(parents=True, mode=0o700, exist_ok=True)
    _put(_compare(_content(folder), target), target)


def stale(built: Built) -> Iterator[Fault]:
    """The files in ``notebooks/`` that are not what the source gives."""
    target = layout.released_dir()
    for name in built.stale:
        what = "it is not what the source gives." if (target / name).exists() else "it is missing."
        yield Fault("fresh", target / name, 0, what, "Run ./airlock build and commit the result.")
    for name in built.left_over:
        yield Fault("fresh", target / name, 0, "no source gives it.", "Run ./airlock build and commit the result.")


def _write_instructors(folder: Path, lesson: int, sources: list[Source]) -> None:
    folder.mkdir(parents=True)
    for source in sources:
        (folder / f"{source.name}.ipynb").write_text(notebook.text(notebook.instructor(source)), encoding="utf-8")
    for name in layout.companions(layout.lesson_dir(lesson)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(layout.lesson_dir(lesson) / name, folder / name)


def _put(built: Built, target: Path) -> None:
    # Each file at once or not at all, and none taken away that is still wanted: others may be reading.
    for name in built.stale:
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
        partial.write_bytes(built.files[name])
        partial.replace(file)
    for name in built.left_over:
        (target / name).unlink(missing_ok=True)
        for folder in (target / name).parents:
            if folder == target or any(folder.iterdir()):
                break
            folder.rmdir()


def _content(folder: Path) -> dict[Path, bytes]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix != ".partial")
    return {file.relative_to(folder): file.read_bytes() for file in files}


def _compare(made: dict[Path, bytes], target: Path) -> Built:
    present = {name: content for name, content in _content(target).items() if ".ipynb_checkpoints" not in name.parts}
    stale = tuple(name for name, content in made.items() if present.get(name) != content)
    return Built(made, stale, tuple(name for name in present if name not in made))
