"""What a learner reads when a lesson's cell cannot go on: one line, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airlock.lab import LabDown


class LessonError(Exception):
    """A plain sentence for the learner. IPython prints it alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class NotEarned(LessonError):
    """A check that earned nothing: the cell must fail, or nbgrader would give full marks."""


class LessonLabDown(LessonError, LabDown):
    """The lab is not there, said in one line with its remedy."""


@contextmanager
def lab_needed() -> Iterator[None]:
    """Turn a `LabDown` from inside into one line for the learner."""
    try:
        yield
    except LessonError:
        raise
    except LabDown as down:
        raise LessonLabDown(f"{down} In a terminal, run: {down.remedy}", down.remedy) from None
