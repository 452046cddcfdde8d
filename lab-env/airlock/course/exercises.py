"""Exercises: small deployments that fail in a realistic way, to be repaired in ``work/exercises/``.

An exercise is a folder ``exercises/lesson-N/<name>/`` with ``exercise.toml`` and the files to repair; the reference
repair has the same paths under ``solutions/exercises/``. A learner works on a copy, made at first use.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from airlock import paths
from airlock.checks import exercises as judges
from airlock.checks.report import Report
from airlock.course.fault import BadSource, Fault
from airlock.lab import View

MANIFEST = "exercise.toml"
_HIDDEN = ("__pycache__", ".ipynb_checkpoints")
_KEPT = ".kept"


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        name: ``lesson-1/<folder>``.
        origin: its folder under ``exercises/``.
        files: what the learner edits, relative to the folder.
        hints: three, of rising strength.
    """

    name: str
    origin: Path
    title: str
    lesson: int
    summary: str
    files: tuple[str, ...]
    hints: tuple[str, str, str]

    @property
    def folder(self) -> Path:
        """The learner's copy."""
        return paths.work_dir() / "exercises" / self.name

    @property
    def reference(self) -> Path:
        """The reference repair."""
        return paths.course_root() / "solutions" / "exercises" / self.name

    @property
    def alternatives(self) -> list[Path]:
        """Other correct repairs, each a folder like the reference."""
        folder = self.reference.with_name(f"{self.reference.name}.alternatives")
        return sorted(path for path in folder.glob("*") if path.is_dir())

    def prepare(self) -> bool:
        """Bring what is missing into the learner's copy, and change nothing else. True when the copy is new."""
        fresh = not self.folder.exists()
        lay_out(self.origin, self.folder, replace=False)
        return fresh

    def reset(self) -> Path | None:
        """Put the files back as they were; what the learner wrote is moved aside. Returns where, if there was any."""
        kept: Path | None = None
        if self.folder.exists():
            stamp = datetime.now().strftime("%Y-%m-%dT%H-%M-%S-%f")
            kept = paths.work_dir() / "exercises" / _KEPT / f"{self.name.replace('/', '-')}-{stamp}"
            kept.parent.mkdir(parents=True, exist_ok=True)
            self.folder.rename(kept)
        self.prepare()
        return kept

    def judge(self, folder: Path, view: View) -> Report:
        """The report on the exercise as it is in ``folder``."""
        return judges.run(self.name, self.title, folder, view)


def all_exercises() -> list[Exercise]:
    """Every exercise, by lesson and name. Raises `BadSource` for a manifest that cannot be used."""
    faults: list[Fault] = []
    found: list[Exercise] = []
    for file in sorted((paths.course_root() / "exercises").glob(f"lesson-*/*/{MANIFEST}")):
        try:
            found.append(_read(file))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            what = f"it lacks {error}." if isinstance(error, KeyError) else f"{error}."
            faults.append(Fault("exercise", file, 1, what, "It needs title, lesson, summary, files and three hints."))
    if faults:
        raise BadSource(faults)
    return sorted(found, key=lambda each: (each.lesson, each.name))


def find(name: str) -> Exercise:
    """The exercise with this name, or with this last part of it. Raises KeyError with the known names."""
    known = all_exercises()
    for each in known:
        if name in (each.name, each.origin.name):
            return each
    names = ", ".join(each.name for each in known) or "none yet"
    raise KeyError(f"There is no exercise {name!r}. The exercises are: {names}.")


def lay_out(source: Path, target: Path, replace: bool = True) -> None:
    """Copy an exercise's files over a folder; the manifest stays behind."""
    for file in sorted(source.rglob("*")):
        inside = file.relative_to(source)
        if not file.is_file() or inside.name == MANIFEST or set(_HIDDEN) & set(inside.parts):
            continue
        copy = target / inside
        if replace or not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)


def _read(file: Path) -> Exercise:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    folder = file.parent
    first, second, third = (_unwrapped(str(hint)) for hint in data["hints"])
    if len({first, second, third} - {""}) != 3:
        raise ValueError("three different hints are needed")
    match = re.fullmatch(r"lesson-(\d+)", folder.parent.name)
    if not match or int(match[1]) != data["lesson"]:
        raise ValueError(f"lesson = {data['lesson']} does not fit its folder")
    files = tuple(str(name) for name in data["files"])
    for name in files:
        if not (folder / name).is_file():
            raise ValueError(f"there is no file {name}")
    if not files:
        raise ValueError("there is nothing to edit")
    return Exercise(
        name=f"{folder.parent.name}/{folder.name}",
        origin=folder,
        title=str(data["title"]),
        lesson=int(data["lesson"]),
        summary=_unwrapped(str(data["summary"])),
        files=files,
        hints=(first, second, third),
    )


def _unwrapped(text: str) -> str:
    """The paragraphs of a text, each on one line: the terminal wraps them."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))
