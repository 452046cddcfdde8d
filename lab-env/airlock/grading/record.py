"""nbgrader's gradebook, written by one process: the scores of one hand-in at once, or nothing of it.

Scores are what nbgrader itself reads from the cells. Its converter opens the gradebook for each of its steps, which
costs more than everything else that is done here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import compute_checksum, determine_grade, is_grade, parse_utc

from airlock.grading import master
from airlock.grading.master import Master
from airlock.grading.submission import Submission

_NO_RESPONSE = "No response."
Score = tuple[float, float, bool]


@dataclass(frozen=True)
class Change:
    """What a check gave and gives now, and what a person gave instead, in points; None for nothing."""

    before: float | None
    now: float | None
    by_hand: float | None


class Recorder:
    """The gradebook at ``db_url``. Between two calls no connection is open: a fork must not inherit one."""

    def __init__(self, db_url: str) -> None:
        self._url = db_url
        self._gradebook: Any = None

    def master(self, assignment: str) -> Master:
        """What was handed out. Raises `nbgrader.api.MissingEntry` for an assignment that is not registered."""
        with self.opened() as gradebook:
            return master.read(gradebook, assignment)

    def record(self, submission: Submission, notebooks: dict[str, NotebookNode]) -> list[str]:
        """Write the scores of the executed ``notebooks`` (by name); one that was not handed in gets zero.

        Returns:
            What the instructor should know.
        """
        told: list[str] = []
        with self.opened() as gradebook:
            gradebook.update_or_create_student(submission.learner)
            stamp = _timestamp(submission, told)
            # None, too: what an earlier hand-in's time was says nothing about this one.
            found = gradebook.update_or_create_submission(submission.assignment, submission.learner, timestamp=stamp)
            for each in found.notebooks:
                _enter(each, notebooks.get(each.name))
            gradebook.db.commit()
        return told

    def rerecord(
        self, submission: Submission, notebooks: dict[str, NotebookNode], checks: set[str]
    ) -> dict[str, Change]:
        """Write the scores of these graded cells of a recorded hand-in, and nothing else; what became of each."""
        changes: dict[str, Change] = {}
        with self.opened() as gradebook:
            for each in gradebook.find_submission(submission.assignment, submission.learner).notebooks:
                cells = _cells(notebooks[each.name]) if each.name in notebooks else {}
                for grade in each.grades:
                    if grade.name in checks & set(cells):
                        before = grade.auto_score
                        grade.auto_score, _ = determine_grade(cells[grade.name])
                        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
                        changes[grade.name] = Change(before, grade.auto_score, grade.manual_score)
            gradebook.db.commit()
        return changes

    def score(self, submission: Submission) -> Score | None:
        """Score, without what lateness costs; points there are; whether an answer waits for a person. None when it is
        not in the gradebook."""
        with self.opened() as gradebook:
            try:
                found = gradebook.find_submission(submission.assignment, submission.learner)
            except MissingEntry:
                return None
            left = float(found.score) - float(found.late_submission_penalty)
            return left, float(found.max_score), bool(found.needs_manual_grade)

    def marks(self, submission: Submission) -> str:
        """A digest of every score and comment of a hand-in, a person's included; empty when it has none."""
        with self.opened() as gradebook:
            try:
                found = gradebook.find_submission(submission.assignment, submission.learner)
            except MissingEntry:
                return ""
            rows = [
                [
                    each.name,
                    each.late_submission_penalty,
                    sorted([grade.name, grade.score, grade.needs_manual_grade] for grade in each.grades),
                    sorted([comment.name, comment.comment] for comment in each.comments),
                ]
                for each in found.notebooks
            ]
        return hashlib.sha256(json.dumps(sorted(rows, key=str)).encode()).hexdigest()

    def forget(self, submission: Submission) -> float | None:
        """Take a hand-in's scores out of the gradebook; returns what it had, None when it was not in it."""
        with self.opened() as gradebook:
            try:
                earlier = float(gradebook.find_submission(submission.assignment, submission.learner).score)
            except MissingEntry:
                return None
            gradebook.remove_submission(submission.assignment, submission.learner)
            return earlier

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """The gradebook, for a moment; what is not committed is lost when that ends with an error."""
        if self._gradebook is None:  # kept: its engine remembers every statement that it has compiled
            self._gradebook = Gradebook(self._url, "airlock")
        try:
            yield self._gradebook
        except Exception:
            self._gradebook.db.rollback()
            raise
        finally:
            self._gradebook.close()


def _enter(recorded: Any, notebook: NotebookNode | None) -> None:
    """The scores and remarks of one notebook, as `nbgrader.preprocessors.SaveAutoGrades` makes them."""
    if notebook is None:
        for grade in recorded.grades:
            grade.auto_score, grade.needs_manual_grade = 0, False
        return
    # Read at once: each name that is asked of a grade or comment itself is a question to the database.
    names = {cell.id: cell.name for cell in recorded.notebook._base_cells}
    cells = _cells(notebook)
    grades = {names[grade.cell_id]: grade for grade in recorded.grades}
    if unknown := {name for name, cell in cells.items() if is_grade(cell)} - set(grades):
        raise MissingEntry(f"the gradebook has no place for {', '.join(sorted(unknown))}")
    for name, grade in grades.items():
        grade.auto_score, _ = determine_grade(cells[name])
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for comment in recorded.comments:
        cell = cells[names[comment.cell_id]]
        untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
        comment.auto_comment = _NO_RESPONSE if untouched else None


def _cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def _timestamp(submission: Submission, told: list[str]) -> Any:
    file: Path = submission.folder / "timestamp.txt"
    try:
        text = file.read_text().strip() if file.is_file() else ""
        return parse_utc(text) if text else None
    except (ValueError, OverflowError, UnicodeDecodeError):
        told.append("timestamp.txt holds no time: nothing is known about when it was handed in.")
        return None
