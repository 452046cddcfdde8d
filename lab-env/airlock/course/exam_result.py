"""How an exam went, for a learner without an instructor: run and judged here as grading would, recorded nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from airlock.checks import catalogue
from airlock.checks.report import Outcome, Report
from airlock.course import layout
from airlock.course.exam import NoExam
from airlock.course.forked import environment
from airlock.course.kernel import CELL_SECONDS, Kernel, KernelGone, started
from airlock.course.source import task_of
from airlock.course.trusted import KernelWorld
from airlock.lab import Lab, View
from airlock.lab.provision import reset_view
from airlock.lab.sitting import Sitting

_nbformat: Any = nbformat


def result(sitting: Sitting, tell: Callable[[str], None] = lambda _: None) -> Iterator[Report]:
    """The report on every checked task, in order; ``tell`` hears what is going on.

    Raises:
        NoExam: it is still running.
        airlock.lab.LabDown: the lab does not answer.
    """
    if sitting.running:
        raise NoExam(f"{sitting.name} is running, {sitting.left_in_words()}. Hand it in first.")
    view = View(Lab.current(), sitting.seed)
    for number in sitting.lessons:
        for source in layout.read_lesson(number):
            yield from _judged(sitting.folder / f"{source.name}.ipynb", view, tell)


def _judged(file: Path, view: View, tell: Callable[[str], None]) -> Iterator[Report]:
    if not file.exists():
        return
    tell(f"{file.name}: a fresh beginning")
    reset_view(view)
    notebook = _nbformat.read(file, as_version=4)
    with started(file.parent, environment(view), CELL_SECONDS) as kernel:
        world = KernelWorld(kernel, view)
        for index, cell in enumerate(notebook.cells):
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.cell_type == "code" and name.startswith("check-"):
                tell(f"{file.name}: task {task_of(name)}")
                report = catalogue.find(task_of(name)).run(world)
                unanswered = report.outcome is Outcome.NOT_ATTEMPTED  # and cannot be answered any more
                yield replace(report, look="") if unanswered else report
            elif cell.cell_type == "code":
                tell(f"{file.name}: cell {index + 1} of {len(notebook.cells)}")
                _run(kernel, cell, index)


def _run(kernel: Kernel, cell: Any, index: int) -> None:
    try:
        kernel.run(cell, index)
    except KernelGone:
        return  # what it had computed cannot be read, and each report says so
