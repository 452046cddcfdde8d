"""The dynamic half of the course contract: a lesson is run, and every prepared answer is tried on its task."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airlock.checks import catalogue
from airlock.checks.report import Report
from airlock.course.bench import Bench, around, before, code, opened, reaches_out, scratch_view
from airlock.course.cases import Case, Expect
from airlock.course.fault import Fault
from airlock.course.notebook import cleared
from airlock.course.source import Cell, Role, Source
from airlock.lab import View
from airlock.lab.provision import reset_view

Tell = Callable[[str], None]
# The longest is lesson 4's stock API server: 20 to come up, and over 120 on a machine with a load of 12.
_CELL_SECONDS = 300


@dataclass(frozen=True)
class Finding:
    """What one step of the contract found. No faults: it holds."""

    what: str
    faults: tuple[Fault, ...] = ()
    seconds: float = 0.0


@dataclass
class Trials:
    """The trials of one notebook, in one view.

    Attributes:
        tell: is called with what is happening, for a progress line.
    """

    source: Source
    cases: dict[str, list[Case]]
    view: View
    tell: Tell

    def answers(self, only: str | None = None) -> Iterator[Finding]:
        """Try every prepared answer of every task (or of one), then the reference; judged from outside the kernel.

        At the end the kernel has run the whole lesson. It runs all of it once more: nobody reads a lesson only once.
        """
        reset_view(self.view)
        with tempfile.TemporaryDirectory() as folder, opened(self.view, Path(folder), _CELL_SECONDS) as bench:
            for cell in self.source.cells:
                if cell.role is Role.ANSWER and only in (None, cell.task):
                    began = time.monotonic()
                    faults = [*self._cheated(Path(folder), cell), *self._tried(bench, cell)]
                if cell in code([cell]) and (error := bench.run(cell.source)):
                    yield Finding(f"{self.source.name} runs", (self._crash(cell, error),))
                if cell.role is Role.CHECK and only in (None, cell.task):
                    faults += self._judged(self._case(cell.task, Expect.FULL), bench.judge(cell.task))
                    count = len(self.cases.get(cell.task, [])) + 2
                    yield Finding(f"{cell.task}  {count} answers judged", tuple(faults), time.monotonic() - began)
                    if cell.task == only:
                        return
            began = time.monotonic()
            faults = list(self._complete(bench, "second"))
            yield Finding(f"{self.source.name} runs again, with full marks", tuple(faults), time.monotonic() - began)

    def untouched(self) -> Finding:
        """Run the notebook as a learner gets it: nothing but the checks may complain."""
        began = time.monotonic()
        reset_view(self.view)
        with tempfile.TemporaryDirectory() as folder, opened(self.view, Path(folder), _CELL_SECONDS) as bench:
            faults = list(self._untouched(bench))
        return Finding(f"{self.source.name} runs untouched", tuple(faults), time.monotonic() - began)

    def restarted(self) -> Finding:
        """Run it with the reference answers in a fresh kernel, in the world that `answers` has left behind."""
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, opened(self.view, Path(folder), _CELL_SECONDS) as bench:
            faults = list(self._complete(bench, "restarted"))
        what = f"{self.source.name} runs after a restart, with full marks"
        return Finding(what, tuple(faults), time.monotonic() - began)

    def _case(self, task: str, expect: Expect) -> Case:
        """The answer as the learner gets it, or the reference."""
        answer = self.source.find(Role.ANSWER, task)[0]
        if expect is Expect.UNTOUCHED:
            return Case(task, "untouched", self.source.file, expect, cleared(answer.source))
        return Case(task, "reference", self.source.file, expect, answer.source)

    def _tried(self, bench: Bench, answer: Cell) -> Iterator[Fault]:
        """Untouched, mistakes, partial and correct answers, each from the same beginning; leaves that beginning."""
        start, between = around(self.source, answer.task)
        prepared = [case for case in self.cases.get(answer.task, []) if case.expect is not Expect.CHEAT]
        cases = [self._case(answer.task, Expect.UNTOUCHED), *prepared]
        seen: dict[str, str] = {}
        bench.keep()
        for case in cases:
            self.tell(f"{answer.task}  {case.name}")
            report = _attempt(bench, case, between)
            yield from self._judged(case, report)
            if case.expect is Expect.FAIL and seen.setdefault(report.saw, case.misconception) != case.misconception:
                what = f"{case.name} gets the same message as {seen[report.saw]}."
                yield Fault("misconception", case.file, 1, what, "Let its judge tell them apart.")
            bench.put_back()
            if any(reaches_out(text) for text in (case.body, *(cell.source for cell in between))):
                bench.reset()
                self._replay(bench, start)
                bench.keep()

    def _cheated(self, folder: Path, answer: Cell) -> Iterator[Fault]:
        """Each cheat in a kernel and a view of its own: it may break what it runs in."""
        start, between = around(self.source, answer.task)
        for case in self.cases.get(answer.task, []):
            if case.expect is Expect.CHEAT:
                self.tell(f"{answer.task}  {case.name}")
                with scratch_view(self.view.lab) as view, opened(view, folder, _CELL_SECONDS) as bench:
                    for cell in before(self.source, start):
                        bench.run(cell.source)
                    yield from self._judged(case, _attempt(bench, case, between))

    def _replay(self, bench: Bench, end: int) -> None:
        for cell in before(self.source, end):
            if reaches_out(cell.source):
                bench.run(cell.source)

    def _judged(self, case: Case, report: Report) -> list[Fault]:
        wrong = case.wrong(report)
        line = 1 if case.file != self.source.file else self.source.find(Role.ANSWER, case.task)[0].line
        what = f"task {case.task}, answer {case.name}: {wrong}"
        return [Fault("answers", case.file, line, what)] if wrong else []

    def _untouched(self, bench: Bench) -> Iterator[Fault]:
        for cell in self.source.cells:
            if cell.kind != "code":
                continue
            error = bench.run(cleared(cell.source))
            if cell.role is Role.CHECK:
                if not error.startswith("NotEarned"):
                    what = f"check {cell.task} of the untouched notebook: {error or 'no complaint'}."
                    yield Fault("untouched", self.source.file, cell.line, what)
            elif error and "raises-exception" not in cell.tags:
                yield self._crash(cell, error)

    def _complete(self, bench: Bench, run: str) -> Iterator[Fault]:
        for cell in self.source.cells:
            # A slow experiment has been run by `untouched`: it changes nothing, and no task needs it.
            if cell.kind != "code" or "slow" in cell.tags:
                continue
            self.tell(f"{run} run, line {cell.line}")
            error = bench.run(cell.source)
            if cell.role is Role.CHECK and not _full(bench, cell):
                what = f"{run} run: the reference answer of {cell.task} does not get full marks in the notebook"
                yield Fault("again", self.source.file, cell.line, f"{what}: {_shown(bench)} {error}".rstrip())
            elif error and "raises-exception" not in cell.tags:
                yield self._crash(cell, f"{run} run: {error}")

    def _crash(self, cell: Cell, error: str) -> Fault:
        repair = 'An error that belongs there needs tags=["raises-exception"] on its cell.'
        return Fault("runs", self.source.file, cell.line, f"the cell raises {error[:300]}", repair)


def _attempt(bench: Bench, case: Case, between: list[Cell]) -> Report:
    for text in [case.body, *(cell.source for cell in between)]:
        bench.run(text)  # an answer that raises is judged by what it left behind
    return bench.judge(case.task)


def _full(bench: Bench, cell: Cell) -> bool:
    results: list[Any] = [output for output in bench.outputs if output.output_type == "execute_result"]
    return len(results) == 1 and float(results[0].data["text/plain"]) == catalogue.find(cell.task).points


def _shown(bench: Bench) -> str:
    """What the last cell showed, as one line of text."""
    texts = (str(output.get("data", {}).get("text/plain", "")) for output in bench.outputs)
    return " ".join(" ".join(texts).split()) or "it showed nothing"
