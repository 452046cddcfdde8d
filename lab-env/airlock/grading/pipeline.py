"""`airlock grade`: nbgrader's own steps over everything that was handed in, one submission after the other."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from airlock import paths
from airlock.course import layout, release
from airlock.grading.config import configure
from airlock.grading.submission import shared_seeds

_CHATTER = (
    "Removing existing assignment",
    "Removing failed assignment",
    "There was an error processing assignment",
    "Please see the",
    "Traceback",
    "No custom database",
)


@dataclass(frozen=True)
class Submission:
    """One learner's hand-in of one lesson, in ``submitted/<learner>/lesson-N/``."""

    learner: str
    lesson: int

    @property
    def assignment(self) -> str:
        """nbgrader's name of the lesson."""
        return f"lesson-{self.lesson}"

    @property
    def folder(self) -> Path:
        """Where it is."""
        return paths.course_root() / "submitted" / self.learner / self.assignment


@dataclass(frozen=True)
class Graded:
    """What grading one submission came to.

    Attributes:
        score, points: None when it was not graded.
        by_hand: whether an answer waits for a person.
        notes: what the instructor should know, a sentence each.
    """

    submission: Submission
    score: float | None
    points: float | None
    by_hand: bool
    notes: tuple[str, ...]


class Pipeline:
    """nbgrader with this course's configuration. ``cell_seconds`` is how long one cell of a hand-in may take."""

    def __init__(self, cell_seconds: int = 120) -> None:
        config = Config()
        configure(config)
        config.JudgedExecute.timeout = cell_seconds
        # nbgrader runs `alembic` by its name when it makes a gradebook.
        warnings.filterwarnings("ignore", category=SAWarning)
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self._nbgrader = NbGraderAPI(config=config)

    def submissions(self, lesson: int | None = None, learner: str | None = None) -> list[Submission]:
        """Everything handed in, by lesson and learner; only one lesson's or one learner's when named."""
        found = []
        for folder in (paths.course_root() / "submitted").glob("*/lesson-*"):
            match = re.fullmatch(r"lesson-(\d+)", folder.name)
            if match and int(match[1]) in layout.lessons() and folder.is_dir():
                found.append(Submission(folder.parent.name, int(match[1])))
        chosen = [each for each in found if lesson in (None, each.lesson) and learner in (None, each.learner)]
        return sorted(chosen, key=lambda each: (each.lesson, each.learner))

    def register(self, lesson: int) -> None:
        """Record a lesson's graded cells in the gradebook. Raises `airlock.course.fault.BadSource`."""
        course = layout.instructor_dir().parent
        release.release(course, "source", "registered", f"lesson-{lesson}", str(self._nbgrader.coursedir.db_url))
        shutil.rmtree(course / "registered")

    def grade(self, submission: Submission) -> Graded:
        """Autograde one submission and write its feedback page."""
        answer = self._nbgrader.autograde(submission.assignment, submission.learner, force=True, create=True)
        notes = list(_told(answer.get("log") or ""))
        if not answer["success"]:
            why = notes or [f"Not graded: {_last_line(answer)}"]
            return Graded(submission, None, None, False, tuple(why))
        feedback = self._nbgrader.generate_feedback(submission.assignment, submission.learner, force=True)
        if not feedback["success"]:
            notes.append(f"No feedback page: {_last_line(feedback)}")
        score, points, by_hand = self._score(submission)
        return Graded(submission, score, points, by_hand, tuple(notes))

    def copies(self, submissions: list[Submission]) -> list[str]:
        """Sentences about learners who handed in the same personal seed for the same lesson."""
        sentences = []
        for lesson in sorted({each.lesson for each in submissions}):
            folders = {each.learner: each.folder for each in submissions if each.lesson == lesson}
            for learners in shared_seeds(folders):
                sentences.append(f"Lesson {lesson}: {' and '.join(learners)} handed in the same learner.json.")
        return sentences

    def export(self, file: Path) -> None:
        """Write every score in the gradebook as CSV, one line for each learner and lesson."""
        with Gradebook(self._nbgrader.coursedir.db_url) as gradebook, file.open("w", newline="") as stream:
            lines = csv.writer(stream)
            lines.writerow(["learner", "lesson", "score", "points", "needs_manual_grade", "handed_in"])
            for each in sorted(_all(gradebook), key=str):
                lines.writerow(each)

    def _score(self, submission: Submission) -> tuple[float | None, float | None, bool]:
        with Gradebook(self._nbgrader.coursedir.db_url) as gradebook:
            try:
                found: Any = gradebook.find_submission(submission.assignment, submission.learner)
            except MissingEntry:
                return None, None, False
            return float(found.score), float(found.max_score), bool(found.needs_manual_grade)


def _told(log: str) -> Iterator[str]:
    """nbgrader's warnings and errors of one submission that say something about it, once each."""
    seen: set[str] = set()
    for line in log.splitlines():
        match = re.match(r"(?:\x1b\[[0-9;]*m)?\[(WARNING|ERROR)\](?:\x1b\[[0-9;]*m)? (.*)", line)
        text = match[2].strip() if match else ""
        if text and text not in seen and not text.startswith(_CHATTER):
            seen.add(text)
            yield text


def _last_line(answer: dict[str, Any]) -> str:
    text = (answer.get("error") or answer.get("log") or "nbgrader says nothing").strip()
    return str(text.splitlines()[-1])


def _all(gradebook: Any) -> Iterator[tuple[Any, ...]]:
    for assignment in gradebook.assignments:
        for each in assignment.submissions:
            yield (
                each.student.id,
                assignment.name,
                each.score,
                each.max_score,
                each.needs_manual_grade,
                each.timestamp or "",
            )
