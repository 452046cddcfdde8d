"""The nine ways through the material: what each is, and where it lives. One that does not exist yet says so."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from airlock.lesson.markup import inline, link, muted
from airlock.lesson.syllabus import Lesson, Standing

Found = list[tuple[Lesson, Standing]]

_CAPSTONE = 6


@dataclass(frozen=True)
class Way:
    """One way through the material. ``where`` is HTML, empty when this release does not have it."""

    name: str
    what: str
    where: str
    standing: str = ""

    def row(self) -> list[str]:
        """Three HTML cells: name, what the learner does, where it is and how far."""
        if not self.where:
            return [muted(self.name), muted(inline(self.what)), muted("not in this release")]
        more = muted(f" &middot; {html.escape(self.standing)}") if self.standing else ""
        return [f"<strong>{self.name}</strong>", inline(self.what), self.where + more]


def ways(work: Path, found: Found) -> list[Way]:
    """All nine, for the lessons that this release has."""
    exercises = sum(len(lesson.exercises) for lesson, _ in found)
    return [
        Way("Overview", "The whole course on one page.", _page(work, "overview")),
        Way("Deep dive", "A lesson, top to bottom.", _every(found, "")),
        Way("Watch", "Live traffic, in the clear beside encrypted.", _every(found, "watch")),
        Way("Predict", "Commit to an answer, then run it.", _every(found, "predict"), _predicted(found)),
        Way("Do", "Graded tasks that change the lab.", _every(found, "check"), _done(found)),
        Way(
            "Fix",
            "Repair a broken deployment: `./airlock practice`",
            _repairs(found) if exercises else "",
            f"{sum(where.repaired for _, where in found)} of {exercises} repaired",
        ),
        Way("Recall", "Flash cards, spaced over days.", _every(found, "cards"), _due(found)),
        Way("Project", "The capstone: audit and repair a deployment.", _capstone(found)),
        Way("Exam", "All tasks with fresh values, timed, without hints.", _page(work, "exam")),
    ]


def to_section(lesson: Lesson, call: str, label: str) -> str:
    """A link to where ``call`` first stands in the lesson's notebook, or to the notebook."""
    anchor = lesson.sections.get(call)
    return link(f"{lesson.notebook}#{anchor}" if anchor else str(lesson.notebook), label)


def _every(found: Found, call: str) -> str:
    having = [lesson for lesson, _ in found if not call or call in lesson.sections]
    return ", ".join(to_section(lesson, call, f"lesson {lesson.number}") for lesson in having)


def _page(work: Path, name: str) -> str:
    return link(f"{name}.ipynb", name) if (work / f"{name}.ipynb").exists() else ""


def _capstone(found: Found) -> str:
    return "".join(link(str(lesson.notebook), "capstone") for lesson, _ in found if lesson.number == _CAPSTONE)


def _repairs(found: Found) -> str:
    # A folder cannot be linked in JupyterLab; the page of an exercise can, once a copy of it has been made.
    pages = [where.next_exercise.page for _, where in found if where.next_exercise and where.next_exercise.page]
    return link(pages[0], "the next one") if pages else "in a terminal"


def _predicted(found: Found) -> str:
    asked = sum(len(lesson.questions) for lesson, _ in found)
    return f"{sum(where.answered for _, where in found)} of {asked} answered"


def _done(found: Found) -> str:
    tasks = sum(len(lesson.tasks) for lesson, _ in found)
    return f"{sum(where.passed for _, where in found)} of {tasks} passed"


def _due(found: Found) -> str:
    return f"{sum(where.due for _, where in found)} due today"
