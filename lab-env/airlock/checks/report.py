"""What a check says: an outcome, and the three things a learner needs to go on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Outcome(Enum):
    """How a check ended. Only ``PASSED`` and a partial ``FAILED`` are worth points."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"
    BLOCKED = "blocked"
    LAB_DOWN = "lab down"


@dataclass(frozen=True)
class Report:
    """One check's answer. It never contains the expected value.

    Attributes:
        outcome: how it ended.
        saw: what was observed, as concrete as can be said without giving the answer away.
        why: why that matters outside this lesson.
        look: what to look at or try next; for ``LAB_DOWN`` the command that mends it.
        misconception: short kebab-case name of a known wrong idea, or None.
        share: the part of the points earned, 0.0 to 1.0.
        task, title, points: filled in by the catalogue that ran the check.
    """

    outcome: Outcome
    saw: str
    why: str = ""
    look: str = ""
    misconception: str | None = None
    share: float = 0.0
    task: str = ""
    title: str = ""
    points: float = 0.0

    @property
    def earned(self) -> float:
        """Points earned; never more than ``points``."""
        return round(self.points * min(max(self.share, 0.0), 1.0), 2)

    def labelled(self, task: str, title: str, points: float) -> Report:
        """The same report, naming its task."""
        return replace(self, task=task, title=title, points=points)


def passed(saw: str, why: str = "") -> Report:
    """The task is solved: say what was observed that proves it."""
    return Report(Outcome.PASSED, saw, why, share=1.0)


def failed(saw: str, why: str, look: str, misconception: str | None = None, share: float = 0.0) -> Report:
    """Not solved yet. ``share`` above zero gives partial credit."""
    return Report(Outcome.FAILED, saw, why, look, misconception, share)


def not_attempted(what: str) -> Report:
    """Nothing to judge yet: the cell above still holds its placeholder."""
    return Report(
        Outcome.NOT_ATTEMPTED,
        saw=what,
        look="Fill in the cell above, run it, then run this check again.",
    )


def blocked(by: str) -> Report:
    """An earlier task has to pass first."""
    return Report(
        Outcome.BLOCKED,
        saw=f"This task builds on task {by}, which has not passed yet.",
        look=f"Finish task {by}, then come back.",
    )


def lab_down(what: str, command: str) -> Report:
    """A service is not there. Never the learner's fault."""
    return Report(
        Outcome.LAB_DOWN,
        saw=what,
        why="This is the lab's fault, not yours: your answer has not been judged.",
        look=f"In a terminal, run: {command}",
    )
