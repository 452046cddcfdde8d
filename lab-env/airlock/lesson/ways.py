"""The nine ways through the material: what each is, where it lives, and how far the learner is in it."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from airlock.lab.sitting import Sitting
from airlock.lesson import progress
from airlock.lesson.markup import inline, link, muted
from airlock.lesson.syllabus import Lesson, Standing

Found = list[tuple[Lesson, Standing]]


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
        Way("Overview", "The whole course on one page.", _page(work, "overview"), _read()),
        Way("Deep dive", "A lesson, top to bottom.", _every(found, ""), _finished(found)),
        Way("Watch", "Live traffic, in the clear beside encrypted.", _every(found, "watch"), _watched(found)),
        Way("Predict", "Commit to an answer, then run it.", _every(found, "predict"), _predicted(found)),
        Way("Do", "Graded tasks that change the lab.", _every(found, "check"), _done(found)),
        Way("Fix", "Repair a broken deployment.", _repairs(work) if exercises else "", _repaired(found, exercises)),
        Way("Recall", "Flash cards, spaced over days.", _recalled(work, found), _due(found)),
        Way("Project", "The capstone: audit and repair a deployment.", _capstone(found), _built(found)),
        Way("Exam", "All tasks with fresh values, timed, without hints.", _page(work, "exam"), _sat()),
    ]


def sitting(work: Path) -> str:
    """A sentence (HTML) about the exam that is running; empty when there is none."""
    for each in Sitting.all(work):
        if each.running:
            return f"An exam is running: {link('exam.ipynb', each.name)}, {html.escape(each.left_in_words())}."
    return ""


def to_section(lesson: Lesson, call: str, label: str) -> str:
    """A link to where ``call`` first stands in the lesson, or to the lesson."""
    return link(lesson.sections.get(call) or str(lesson.notebook), label)


def _every(found: Found, call: str) -> str:
    having = [lesson for lesson, _ in found if not call or call in lesson.sections]
    return ", ".join(to_section(lesson, call, f"lesson {lesson.number}") for lesson in having)


def _page(work: Path, name: str, label: str = "") -> str:
    return link(f"{name}.ipynb", label or name) if (work / f"{name}.ipynb").exists() else ""


def _repairs(work: Path) -> str:
    return _page(work, "practice", "practice, one after the other") or inline("`./airlock practice` in a terminal")


def _recalled(work: Path, found: Found) -> str:
    return _page(work, "recall", "what is due, of all lessons") or _every(found, "cards")


def _capstone(found: Found) -> str:
    return "".join(link(each, "capstone") for lesson, _ in found for each in lesson.notebooks if "capstone" in each)


def _read() -> str:
    return "read" if progress.current().visited("overview", "course") else ""


def _finished(found: Found) -> str:
    whole = [where for lesson, where in found if lesson.tasks and where.passed == len(lesson.tasks)]
    begun = sum(where.begun for _, where in found)
    return f"{begun} of {len(found)} begun, {len(whole)} finished"


def _watched(found: Found) -> str:
    having = [where for lesson, where in found if "watch" in lesson.sections]
    return f"{sum(where.watched for where in having)} of {len(having)} watched"


def _predicted(found: Found) -> str:
    asked = sum(len(lesson.questions) for lesson, _ in found)
    return f"{sum(where.answered for _, where in found)} of {asked} answered"


def _done(found: Found) -> str:
    tasks = sum(len(lesson.tasks) for lesson, _ in found)
    return f"{sum(where.passed for _, where in found)} of {tasks} passed"


def _repaired(found: Found, exercises: int) -> str:
    return f"{sum(where.repaired for _, where in found)} of {exercises} repaired"


def _due(found: Found) -> str:
    answered, cards = len(progress.current().cards()), sum(lesson.cards for lesson, _ in found)
    waiting = sum(where.due for _, where in found if where.begun)
    return f"{waiting} due today, {answered} of {cards} seen"


def _built(found: Found) -> str:
    store = progress.current()
    tasks = [task for lesson, _ in found for task in lesson.capstone]
    return f"{sum(store.passed(task) for task in tasks)} of {len(tasks)} passed" if tasks else ""


def _sat() -> str:
    sat = progress.current().read()["exams"].values()
    over = sum(bool(each.get("handed_in")) for each in sat)
    return f"{over} handed in" if sat else ""
