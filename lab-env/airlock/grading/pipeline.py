"""What is done with one hand-in: run and judged, recorded in nbgrader's gradebook, and made a feedback page of."""

from __future__ import annotations

import csv
import logging
import os
import shutil
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning

from airlock import paths
from airlock.course import exam, exam_remarks, layout, release
from airlock.course.kernel import CELL_SECONDS
from airlock.grading import isolation, journal
from airlock.grading.config import settings
from airlock.grading.journal import Entry
from airlock.grading.late import Lateness
from airlock.grading.master import Master
from airlock.grading.record import Recorder
from airlock.grading.submission import Submission, all_submissions, shared_seeds
from airlock.grading.work import Worked, notebooks, work


@dataclass(frozen=True)
class Graded:
    """What grading one submission came to.

    Attributes:
        score, points: None when it was not graded.
        by_hand: whether an answer waits for a person.
        notes: what the instructor should know, a sentence each.
        kept: whether it had been graded before and was left as it is.
    """

    submission: Submission
    score: float | None
    points: float | None
    by_hand: bool
    notes: tuple[str, ...]
    kept: bool = False


class Pipeline:
    """nbgrader with this course's configuration and the instructor's own lines in ``nbgrader_config.py``.

    Args:
        cell_seconds: how long one cell of a hand-in may take.

    Raises:
        airlock.grading.config.BadSettings: those lines cannot be read.
    """

    def __init__(self, cell_seconds: int = CELL_SECONDS) -> None:
        config = settings()
        # nbgrader runs `alembic` by its name when it makes a gradebook.
        warnings.filterwarnings("ignore", category=SAWarning)
        warnings.filterwarnings("ignore", module="nbformat")  # twins of a cell are told as a remark
        os.environ["PATH"] = isolation.search_path()
        self._nbgrader = NbGraderAPI(config=config)
        # A worker that has judged has Airflow in it, which shows what anybody logs.
        self._nbgrader.log_level = logging.WARNING
        url = str(self._nbgrader.coursedir.db_url)
        self._recorder = Recorder(url)
        self.lateness = Lateness(self._recorder.opened, url, config)
        self._cell_seconds = cell_seconds
        self._masters: dict[str, Master] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What a worker needs that is started anew: it opens the gradebook by itself."""
        return {"cell_seconds": self._cell_seconds, "masters": self._masters}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["cell_seconds"])  # type: ignore[misc]
        self._masters = state["masters"]

    def submissions(self, lesson: int | None = None, learners: Collection[str] = ()) -> list[Submission]:
        """Everything handed in, by lesson and learner; only one lesson's or some learners' when named."""
        return [
            each
            for each in all_submissions()
            if (lesson is None or lesson in each.lessons) and (not learners or each.learner in learners)
        ]

    def register(self, assignment: str) -> None:
        """Record the graded cells of a lesson or exam in the gradebook. Raises `airlock.course.fault.BadSource`."""
        course = layout.instructor_dir().parent
        if exam.lessons_of(assignment):
            exam.write_instructors(assignment)
        release.release(course, "source", "registered", assignment, str(self._nbgrader.coursedir.db_url))
        shutil.rmtree(course / "registered")
        self._masters[assignment] = self._recorder.master(assignment)

    def master(self, assignment: str) -> Master:
        """What was handed out; the assignment is registered."""
        return self._masters[assignment]

    def grade(self, submission: Submission) -> Graded:
        """Grade one submission, here and now, and write its feedback page."""
        graded = self.settle(submission, self.judge(submission))
        return graded if graded.score is None else self.explained(graded, self.feedback(submission))

    def kept(self, submission: Submission) -> Graded | None:
        """What a submission came to that was graded before and has not changed since; else None."""
        entry = journal.entry(submission)
        if entry is None or entry.key != journal.key(submission) or not place("autograded", submission).exists():
            return None
        late = tuple(self.lateness.penalize(submission))
        score = self._recorder.score(submission)
        return Graded(submission, *score, (*entry.notes, *late), kept=True) if score else None

    def judge(self, submission: Submission) -> Worked:
        """Run and judge a submission, in a folder of its own. The gradebook stays as it is."""
        return work(submission, self._masters[submission.assignment], judged(submission), self._cell_seconds)

    def settle(self, submission: Submission, worked: Worked) -> Graded:
        """Record what `judge` found. Only one process at a time may do this."""
        if worked.put_off:
            return Graded(submission, None, None, False, (worked.put_off,))
        if worked.refused:
            return self._refused(submission, (*worked.notes, worked.refused))
        notes = (*_of_exam(submission), *worked.notes)
        try:
            notes += tuple(self._recorder.record(submission, notebooks(judged(submission))))
        except MissingEntry as missing:
            return self._refused(submission, (*notes, f"Not graded: {missing}. Build and register the lesson anew."))
        _move(judged(submission), place("autograded", submission))
        journal.write(submission, Entry(worked.key, notes, "", worked.seconds))
        notes += tuple(self.lateness.penalize(submission))  # not kept: a due date may change
        score = self._recorder.score(submission)
        assert score is not None
        return Graded(submission, *score, notes)

    def feedback(self, submission: Submission) -> str:
        """Write the feedback page of a graded submission; returns what went wrong, or nothing."""
        answer = self._nbgrader.generate_feedback(submission.assignment, submission.learner, force=True)
        if not answer["success"]:
            return f"No feedback page: {_last_line(answer)}"
        if entry := journal.entry(submission):
            journal.write(submission, replace(entry, marks=self._recorder.marks(submission)))
        return ""

    def feedback_is_old(self, submission: Submission) -> bool:
        """Whether the feedback page is missing, or shows other marks than the gradebook: somebody marked by hand."""
        entry = journal.entry(submission)
        shown = entry is not None and entry.marks == self._recorder.marks(submission)
        return not (shown and place("feedback", submission).exists())

    def explained(self, graded: Graded, problem: str) -> Graded:
        """A result with a note on what went wrong afterwards, if anything did."""
        return replace(graded, notes=(*graded.notes, problem)) if problem else graded

    def _refused(self, submission: Submission, why: tuple[str, ...]) -> Graded:
        """A hand-in that cannot be graded: what an earlier one of this learner got is taken out of the gradebook."""
        journal.forget(submission)
        earlier = self._recorder.forget(submission)
        if earlier is not None:
            why += (f"The score of an earlier hand-in, {earlier:g}, has been taken out of the gradebook.",)
        for kept in ("autograded", "feedback"):
            shutil.rmtree(place(kept, submission), ignore_errors=True)
        return Graded(submission, None, None, False, why)

    def copies(self, submissions: list[Submission]) -> list[str]:
        """Sentences about learners who handed in the same personal seed for the same lesson."""
        sentences = []
        for assignment in sorted({each.assignment for each in submissions}):
            folders = {each.learner: each.folder for each in submissions if each.assignment == assignment}
            for learners in shared_seeds(folders):
                sentences.append(f"{assignment}: {' and '.join(learners)} handed in the same personal values.")
        return sentences

    def export(self, file: Path) -> None:
        """Write every score in the gradebook as CSV, one line for each learner and lesson."""
        with Gradebook(self._nbgrader.coursedir.db_url) as gradebook, file.open("w", newline="") as stream:
            lines = csv.writer(stream)
            lines.writerow(
                ["learner", "assignment", "score", "points", "needs_manual_grade", "handed_in", "late_penalty"]
            )
            for each in sorted(_all(gradebook), key=str):
                lines.writerow(each)


def place(kind: str, submission: Submission) -> Path:
    """Where nbgrader keeps one kind of a hand-in's files: ``autograded`` or ``feedback``."""
    return paths.course_root() / kind / submission.learner / submission.assignment


def judged(submission: Submission) -> Path:
    """Where a hand-in is that has been run and is not recorded yet."""
    return journal.folder() / "judged" / submission.learner / submission.assignment


def _move(made: Path, into: Path) -> None:
    shutil.rmtree(into, ignore_errors=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    made.rename(into)


def _of_exam(submission: Submission) -> list[str]:
    return exam_remarks.remarks(submission.folder) if exam.lessons_of(submission.assignment) else []


def _last_line(answer: dict[str, Any]) -> str:
    text = (answer.get("error") or answer.get("log") or "nbgrader says nothing").strip()
    return str(text.splitlines()[-1])


def _all(gradebook: Any) -> Iterator[tuple[Any, ...]]:
    for assignment in gradebook.assignments:
        for each in assignment.submissions:
            yield (
                each.student.id,
                assignment.name,
                each.score - each.late_submission_penalty,
                each.max_score,
                each.needs_manual_grade,
                each.timestamp or "",
                each.late_submission_penalty,
            )
