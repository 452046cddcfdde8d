"""Late hand-ins: when an assignment is due, who has longer, and what being late costs.

Due dates and extensions are nbgrader's own fields in its gradebook. What lateness costs is said by a plug-in at
nbgrader's own extension point (`nbgrader.plugins.LateSubmissionPlugin`); `LatePerDay` is the one that comes with this
course. The cost is worked out anew whenever scores are read, from the score as it is then: it never adds up.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import nbformat
from nbgrader.api import MissingEntry
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Float
from traitlets.config import Config

from airlock.grading.submission import Submission

_DAY = 86_400  # seconds
_v4: Any = nbformat.v4


class LatePerDay(LateSubmissionPlugin):  # type: ignore[misc]
    """A share of the score for each day begun. With a ``share`` of 0, what `LateSubmissionPlugin` is set to."""

    share = Float(0.0, min=0.0, max=1.0, help="Part of the score taken off for each day begun.").tag(config=True)
    most = Float(1.0, min=0.0, max=1.0, help="Part of the score that is taken off at most.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off."""
        if not self.share:
            penalty: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
            return penalty
        return round(score * min(self.share * math.ceil(total_seconds_late / _DAY), self.most), 2)


class NoDueDate(Exception):
    """Nobody can have longer than a date that is not set."""


class Lateness:
    """Due dates and penalties in one gradebook.

    Args:
        opened: opens the gradebook.
        url: where it is, for nbgrader's own step, which opens it for itself.
        config: nbgrader's configuration, with whatever plug-in the instructor has put into it.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Any]], url: str, config: Config) -> None:
        self._opened = opened
        self._url = url
        self._config = config

    def due(self, assignment: str, when: datetime | None) -> None:
        """Set when an assignment is due, with its time zone; with None, never, for anybody."""
        with self._opened() as gradebook:
            found = gradebook.find_assignment(assignment)
            found.duedate = _utc(when) if when else None
            if when is None:
                for each in found.submissions:
                    each.extension = None
            gradebook.db.commit()

    def extend(self, submission: Submission, until: datetime | None) -> None:
        """Give one learner until then; with None, no longer than the others.

        Raises:
            NoDueDate: the assignment has none, or it is later.
            nbgrader.api.MissingEntry: the hand-in has not been graded.
        """
        with self._opened() as gradebook:
            found = gradebook.find_submission(submission.assignment, submission.learner)
            due = found.assignment.duedate
            if until and (due is None or _utc(until) < due):
                said = f"is due on {due:%Y-%m-%d at %H:%M} UTC" if due else "has no due date"
                raise NoDueDate(f"{submission.assignment} {said}: set a date for all first, without --learner.")
            found.extension = _utc(until) - due if until else None
            gradebook.db.commit()

    def penalize(self, submission: Submission) -> list[str]:
        """Take off what being late costs, as score and due date are now; a sentence for the instructor if it is late.

        What an earlier call took off is given back first.
        """
        with self._opened() as gradebook:
            try:
                found = gradebook.find_submission(submission.assignment, submission.learner)
            except MissingEntry:
                return []
            late = found.total_seconds_late if found.assignment.duedate else 0
            if late <= 0:
                for each in found.notebooks:
                    each.late_submission_penalty = None
                gradebook.db.commit()
                return []
            names = [each.name for each in found.notebooks]
        step = AssignLatePenalties(config=self._config, log=logging.Logger("airlock.grading", logging.ERROR))
        for name in names:
            named = {"notebook": name, "assignment": submission.assignment, "student": submission.learner}
            step.preprocess(_v4.new_notebook(), {"nbgrader": {**named, "db_url": self._url}})
        with self._opened() as gradebook:
            off = float(gradebook.find_submission(submission.assignment, submission.learner).late_submission_penalty)
        return [f"It was handed in {_span(late)} late: {f'{off:g} points off' if off else 'nothing is taken off'}."]

    def penalize_all(self) -> None:
        """`penalize` every hand-in of an assignment with a due date: somebody may have marked by hand since."""
        with self._opened() as gradebook:
            there = [
                Submission(each.student.id, assignment.name)
                for assignment in gradebook.assignments
                for each in assignment.submissions
                if each.late_submission_penalty or (assignment.duedate and each.total_seconds_late > 0)
            ]
        for each in there:
            self.penalize(each)


def _utc(when: datetime) -> datetime:
    # nbgrader keeps times without a zone, in UTC.
    return when.astimezone(UTC).replace(tzinfo=None)


def _span(seconds: float) -> str:
    for unit, size in (("days", _DAY), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"
