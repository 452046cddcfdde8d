"""A submission: where it is, and its own file ``learner.json``, which says whose world its answers belong to."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from airlock import paths
from airlock.course import exam, layout
from airlock.lab import Seed
from airlock.lab.sitting import Sitting

LEARNER = "learner.json"
_MAX_BYTES = 4096


@dataclass(frozen=True)
class Submission:
    """One learner's hand-in of one lesson or exam, in ``submitted/<learner>/<assignment>/``.

    ``assignment`` is nbgrader's name of it: ``lesson-3``, or ``exam-2-4``.
    """

    learner: str
    assignment: str

    @property
    def lessons(self) -> tuple[int, ...]:
        """The lessons whose tasks are in it; none for a folder that is no hand-in."""
        match = re.fullmatch(r"lesson-(\d+)", self.assignment)
        if match:
            return (int(match[1]),) if int(match[1]) in layout.lessons() else ()
        return exam.lessons_of(self.assignment) or ()

    @property
    def folder(self) -> Path:
        """Where it is."""
        return paths.course_root() / "submitted" / self.learner / self.assignment


def all_submissions() -> list[Submission]:
    """Everything handed in, by lesson and learner."""
    found = (
        Submission(folder.parent.name, folder.name)
        for folder in (paths.course_root() / "submitted").glob("*/*")
        if folder.is_dir()
    )
    return sorted((each for each in found if each.lessons), key=lambda e: (e.lessons, e.assignment, e.learner))


def of_assignments(lesson: int) -> dict[str, list[Submission]]:
    """What was handed in with tasks of a lesson, by assignment."""
    found: dict[str, list[Submission]] = {}
    for each in all_submissions():
        if lesson in each.lessons:
            found.setdefault(each.assignment, []).append(each)
    return found


def seed_of(folder: Path) -> Seed | None:
    """The seed that travels with a submission, an exam's from its own record; None when there is none, or none that
    can be read."""
    if exam := Sitting.find(folder):
        return exam.seed
    file = folder / LEARNER
    try:
        if file.is_symlink() or file.stat().st_size > _MAX_BYTES:
            return None
        return Seed(json.loads(file.read_text())["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def shared_seeds(folders: dict[str, Path]) -> list[list[str]]:
    """The learners (name to submission folder) who handed in the same seed: one of them copied a whole folder."""
    owners: dict[str, list[str]] = defaultdict(list)
    for learner, folder in sorted(folders.items()):
        if seed := seed_of(folder):
            owners[seed.hex.lower()].append(learner)
    return [learners for learners in owners.values() if len(learners) > 1]
