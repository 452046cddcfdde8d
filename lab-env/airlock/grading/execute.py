"""Running a submission: the learner's code in a kernel, the graded cells judged in this process.

Stands in nbgrader's place of `Execute`. A graded cell is never run in the learner's kernel: its task is named by the
locked cell, the judge looks at the lab from here and asks the kernel for plain data, and the report and the points
are written into the cell after the kernel is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Integer

from airlock.checks import catalogue
from airlock.checks.report import Outcome, Report, failed
from airlock.course.forked import ServerGone
from airlock.course.kernel import CELL_SECONDS, Kernel, KernelGone, started
from airlock.course.source import task_of
from airlock.course.trusted import KernelWorld
from airlock.grading import isolation
from airlock.grading.submission import seed_of
from airlock.lab import Lab, LabDown, Seed, View
from airlock.lab.provision import close_view, open_view, reset_view
from airlock.lab.view import learner_seed
from airlock.lesson import report_view

MAX_TEXT = 20_000
NO_FAULT = "This is no zero."
"""In every message about a hand-in that was not graded through no fault of the learner's."""
_SHOWN = ("text/plain", "image/png")
_v4: Any = nbformat.v4


class NotGraded(Exception):
    """The submission was not graded, through no fault of the learner's; the message says why and what to do."""


class JudgedExecute(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs a submission and judges its graded cells from outside."""

    timeout = Integer(CELL_SECONDS, help="Seconds that one cell may take.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook in place.

        Raises:
            NotGraded: the lab is down; nothing is recorded, so an earlier grade stays and no zero is given.
        """
        folder = Path(resources["metadata"]["path"])
        try:
            with self._view(folder) as view, self._kernel(folder, view, resources) as kernel:
                verdicts = dict(self._run(nb, kernel, KernelWorld(kernel, view)))
        except LabDown as down:
            message = f"Not graded: {down} {NO_FAULT} Run {down.remedy}, then grade again."
            self.log.error(message)
            raise NotGraded(message) from None
        except ServerGone as gone:
            message = f"Not graded: its kernel could not be shut in ({gone}). {NO_FAULT} Grade again."
            self.log.error(message)
            raise NotGraded(message) from None
        for index, report in verdicts.items():
            nb.cells[index].outputs = outputs(report, float(nb.cells[index].metadata.nbgrader.points))
        return nb, resources

    @contextmanager
    def _kernel(self, folder: Path, view: View, resources: dict[str, Any]) -> Iterator[Kernel]:
        assignment = str(resources["nbgrader"]["assignment"])
        self.log.info(isolation.told(assignment))
        with (
            isolation.shut_in(view, assignment) as sandbox,
            started(folder.resolve(), isolation.environment(view), self.timeout, sandbox) as kernel,
        ):
            yield kernel

    @contextmanager
    def _view(self, folder: Path) -> Iterator[View]:
        seed = seed_of(folder)
        if seed is None:
            self.log.warning(
                "There is no readable learner.json: graded with new personal values. Answers that the learner typed "
                "from their own lab count as wrong."
            )
        view = View(Lab.current(), seed or Seed.random())
        reset_view(view)
        try:
            yield view
        finally:
            close_view(view)
            if seed == learner_seed():  # this machine's own learner goes on working in that view
                open_view(view)

    def _run(self, nb: NotebookNode, kernel: Kernel, world: KernelWorld) -> Iterator[tuple[int, Report]]:
        for index, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            if is_grade(cell):
                yield index, self._judged(cell, world)
            else:
                self._run_cell(kernel, cell, index)

    def _run_cell(self, kernel: Kernel, cell: NotebookNode, index: int) -> None:
        cell.outputs = []
        try:
            kernel.run(cell, index)
        except KernelGone as how:
            said = f"KernelGone: {how}"
            cell.outputs.append(_v4.new_output("error", ename="KernelGone", evalue=str(how), traceback=[said]))
            self.log.warning("Nothing after it was run: %s.", how)
        for limit in kernel.exceeded:
            self.log.warning("Cell %d %s.", index + 1, limit)
        cell.outputs = [_clipped(output) for output in cell.outputs]

    def _judged(self, cell: NotebookNode, world: KernelWorld) -> Report:
        check = catalogue.find(task_of(cell.metadata.nbgrader.grade_id))
        try:
            report = check.run(world)
        except Exception as error:
            # A judge that breaks must neither stop the batch nor give points; a person has to look.
            self.log.exception("The check of task %s broke on this submission; mark it by hand.", check.task)
            report = failed(
                f"The check itself stopped with {type(error).__name__}.",
                "That is a fault of the check. Whoever grades this has been told.",
                "Nothing for you to do, unless your answer is of an unusual kind.",
            ).labelled(check.task, check.title, check.points)
        if report.outcome is Outcome.LAB_DOWN:
            raise LabDown(report.saw, report.look.removeprefix("In a terminal, run: "))
        return report


def outputs(report: Report, points: float) -> list[NotebookNode]:
    """The report in the one form that nbgrader scores safely: text, then a number no larger than ``points``."""
    text: NotebookNode = _v4.new_output("stream", name="stdout", text=report_view.to_text(report) + "\n")
    earned = min(report.earned, points)
    if earned > 0:
        return [text, _v4.new_output("execute_result", data={"text/plain": repr(earned)}, execution_count=None)]
    verdict = f"Task {report.task}: {report_view.verdict(report).lower()}, {report_view.points(report)}."
    return [text, _v4.new_output("error", ename="NotEarned", evalue=verdict, traceback=[verdict])]


def _clipped(output: NotebookNode) -> NotebookNode:
    """No endless text and no script: a person will open this page."""
    if "text" in output and len(output.text) > MAX_TEXT:
        output.text = output.text[:MAX_TEXT] + f"\n… {len(output.text) - MAX_TEXT} more characters left out …\n"
    if "data" in output:
        output.data = {kind: output.data[kind] for kind in _SHOWN if kind in output.data}
        if len(str(output.data.get("text/plain", ""))) > MAX_TEXT:
            output.data["text/plain"] = str(output.data["text/plain"])[:MAX_TEXT] + " …"
    return output
