"""Grading some tasks of hand-ins anew: a check was mended, and everything else has been graded and marked.

A task can only be judged where the notebook has been run up to it, so all of the notebook is run again. Of what comes
out, the gradebook takes these tasks' scores, and the feedback page their cells. Other scores, marks and comments given
by hand, and the rest of the page stay as they were.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from airlock.course.kernel import CELL_SECONDS
from airlock.grading import journal
from airlock.grading.journal import Entry
from airlock.grading.pipeline import Graded, Pipeline, judged, place
from airlock.grading.record import Change
from airlock.grading.submission import Submission
from airlock.grading.work import READ_ONLY, Worked, notebooks

_nbformat: Any = nbformat


class SomeTasks(Pipeline):
    """The pipeline, for these ``tasks`` (such as ``2.3``) of hand-ins that have been graded and have not changed."""

    def __init__(self, tasks: tuple[str, ...], cell_seconds: int = CELL_SECONDS) -> None:
        super().__init__(cell_seconds)
        self._tasks = {f"check-{task.replace('.', '-')}": task for task in tasks}

    def kept(self, submission: Submission) -> Graded | None:
        """A hand-in that stays as it is, with the reason; None for one that is to be graded."""
        entry, score = journal.entry(submission), self._recorder.score(submission)
        if entry is None or score is None or not place("autograded", submission).exists():
            return Graded(
                submission, None, None, False, ("It has not been graded yet: grade it without --task.",), True
            )
        if not journal.same_files(entry.key, journal.key(submission)):
            why = "Something else was handed in since it was graded: grade it without --task."
            return Graded(submission, None, None, False, (why,), True)
        there = {cell for cells in self._masters[submission.assignment].cells.values() for cell in cells}
        return None if there & set(self._tasks) else Graded(submission, *score, ("It has no such task.",), True)

    def settle(self, submission: Submission, worked: Worked) -> Graded:
        """Record these tasks alone."""
        entry = journal.entry(submission)
        if entry is None or worked.put_off or worked.refused:
            return Graded(submission, None, None, False, (worked.put_off or worked.refused,))
        executed = notebooks(judged(submission))
        changes = self._recorder.rerecord(submission, executed, set(self._tasks))
        _put(
            place("autograded", submission), executed, {*changes, *(each.replace("check", "task") for each in changes)}
        )
        shutil.rmtree(judged(submission))
        told = [self._told(name, change) for name, change in sorted(changes.items())]
        notes = (*self._still(entry.notes), *(each for each in worked.notes if each not in entry.notes), *told)
        # What judges it counts as what judged all of it: or the next run would grade the other tasks, too.
        journal.write(submission, Entry(worked.key, notes, "", worked.seconds))
        late = tuple(self.lateness.penalize(submission))
        score = self._recorder.score(submission)
        assert score is not None
        return Graded(submission, *score, (*notes, *late))

    def feedback_is_old(self, submission: Submission) -> bool:
        """As ever; there is no page of what has not been graded."""
        return journal.entry(submission) is not None and super().feedback_is_old(submission)

    def _still(self, notes: tuple[str, ...]) -> Iterator[str]:
        """The notes of the earlier run, without what it said of these tasks' checks."""
        said = tuple(f"{begin} {task} " for task in self._tasks.values() for begin in ("Task", "The check of task"))
        return (each for each in notes if not each.startswith(said))

    def _told(self, name: str, change: Change) -> str:
        before = "nothing" if change.before is None else f"{change.before:g}"
        now = "nothing" if change.now is None else f"{change.now:g}"
        said = f"Task {self._tasks[name]} alone was graded anew on {datetime.now():%Y-%m-%d}: {now}, before {before}."
        return said if change.by_hand is None else f"{said} Your mark, {change.by_hand:g}, stays."


def _put(folder: Path, executed: dict[str, NotebookNode], names: set[str]) -> None:
    """Exchange these cells of the notebooks in ``folder``."""
    for stem, new in executed.items():
        file = folder / f"{stem}.ipynb"
        if not file.exists():
            continue
        kept = _nbformat.read(file, as_version=4)
        fresh = {_name(cell): cell for cell in new.cells if _name(cell) in names}
        kept.cells = [fresh.get(_name(cell), cell) for cell in kept.cells]
        partial = file.with_suffix(".partial")
        _nbformat.write(kept, partial)
        partial.chmod(READ_ONLY)
        partial.replace(file)


def _name(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
