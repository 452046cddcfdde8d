"""Lesson 1 with its reference answers, as one learner does it in a browser on the hub."""

from __future__ import annotations

import ast
import time
from dataclasses import dataclass

from airlock.checks import catalogue
from airlock.course import layout
from airlock.course.notebook import instructor
from tests.hub.browser import Browser

FOLDER = "lesson-1"
NOTEBOOK = f"{FOLDER}/what-is-a-connection.ipynb"
WRITTEN = "The text form is for people; the database keeps the parts apart, and locks two of them."

# For a learner a check returns no number; their progress has it.
_STANDING = """from airlock.checks import catalogue
from airlock.lesson import progress
{each.task: (progress.current().check(each.task) or {}).get("best", 0) for each in catalogue.of_lesson(1)}"""


@dataclass(frozen=True)
class Done:
    """How it went: seconds, and each task that did not get full marks with what its check put out."""

    seconds: float
    lost: dict[str, str]


def points() -> float:
    """What the checks of lesson 1 give together."""
    [source] = layout.read_lesson(1)
    there = {cell.task for cell in source.cells}
    return sum(check.points for check in catalogue.of_lesson(1) if check.task in there)


def work_through(learner: Browser) -> Done:
    """Write the answers into the learner's notebook, save it, and run every cell of it."""
    [source] = layout.read_lesson(1)
    answers = {cell.id: cell.source for cell in instructor(source).cells if cell.id.startswith("task-")}
    notebook = learner.read(NOTEBOOK)
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
        elif cell["id"].startswith("written-"):
            cell["source"] = WRITTEN
    learner.save(NOTEBOOK, notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    begin = time.monotonic()
    *outputs, standing = learner.run(NOTEBOOK, [*("".join(cell["source"]) for cell in code), _STANDING])
    best = ast.literal_eval(standing.value)
    lost = {}
    for cell, output in zip(code, outputs, strict=True):
        if cell["id"].startswith("check-"):
            task = cell["id"].removeprefix("check-").replace("-", ".")
            if best[task] != catalogue.find(task).points:
                lost[task] = output.error or f"{best[task]} points"
    return Done(time.monotonic() - begin, lost)
