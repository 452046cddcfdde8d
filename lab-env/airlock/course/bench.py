"""A lesson on the bench: its cells run in a kernel, its tasks judged from outside, for any answer put in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from airlock.checks import catalogue
from airlock.checks.report import Report
from airlock.course.forked import environment
from airlock.course.kernel import CELL_SECONDS, Kernel, KernelGone, started
from airlock.course.prose import only_shows, parsed
from airlock.course.source import Cell, Role, Source
from airlock.course.trusted import KernelWorld
from airlock.lab import Lab, Seed, View
from airlock.lab.provision import close_view, open_view, reset_view

_PROBE = "__import__('airlock.course.probe', fromlist=['probe'])"
_REACHES_OUT = {"httpx", "hvac", "psycopg", "requests", "socket", "subprocess", "sys", "urllib3"}
_v4: Any = nbformat.v4


class Bench:
    """One kernel and one view, for one notebook. Make it with `opened`."""

    def __init__(self, kernel: Kernel, view: View, cell: NotebookNode) -> None:
        self._kernel = kernel
        self._view = view
        self._cell = cell

    def run(self, code: str) -> str:
        """Run a cell; returns ``ErrorName: text`` of what it raised, or nothing."""
        self._cell.source = code
        try:
            self._kernel.run(self._cell, 0)
        except KernelGone as how:
            return f"KernelGone: {how}"
        for output in self._cell.outputs:
            if output.output_type == "error":
                return f"{output.ename}: {output.evalue}"
        return ""

    @property
    def outputs(self) -> list[Any]:
        """What the last cell put out."""
        return list(self._cell.outputs)

    def judge(self, task: str) -> Report:
        """The check of a task, run in this process."""
        return catalogue.find(task).run(KernelWorld(self._kernel, self._view))

    def keep(self) -> None:
        """Remember the variables and the environment of the kernel."""
        self._kernel.ask(f"{_PROBE}.keep()")

    def put_back(self) -> None:
        """Undo what cells did to them since `keep`."""
        self._kernel.ask(f"{_PROBE}.put_back()")

    def reset(self) -> None:
        """Put the lab's side of the view back to its beginning."""
        reset_view(self._view)


@contextmanager
def opened(view: View, folder: Path, seconds: int = CELL_SECONDS) -> Iterator[Bench]:
    """A bench with a fresh kernel for ``view``, in ``folder``; a cell may take so many seconds."""
    with started(folder, environment(view), seconds) as kernel:
        yield Bench(kernel, view, _v4.new_code_cell(""))


@contextmanager
def scratch_view(lab: Lab) -> Iterator[View]:
    """A view of nobody's, taken away afterwards."""
    view = View(lab, Seed.random())
    open_view(view)
    try:
        yield view
    finally:
        close_view(view)


def code(cells: Iterable[Cell]) -> list[Cell]:
    """The cells to run for what they change: code, without checks and without what only shows something."""
    return [cell for cell in cells if cell.kind == "code" and cell.role is not Role.CHECK and not _shows(cell)]


def before(source: Source, end: int) -> list[Cell]:
    """The code above a cell that it may build on: without cells tagged ``alone``, on which no later one does."""
    return [cell for cell in code(source.cells[:end]) if "alone" not in cell.tags]


def around(source: Source, task: str) -> tuple[int, list[Cell]]:
    """Where a task's answer cell is, and the code between it and its check."""
    answer = source.find(Role.ANSWER, task)[0]
    check = source.find(Role.CHECK, task)[0]
    start, end = source.cells.index(answer), source.cells.index(check)
    return start, code(source.cells[start + 1 : end])


def reaches_out(text: str) -> bool:
    """Whether code may change anything but its own variables; rather yes than no."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Name) and node.id in {"lab", "get_ipython", "open", "exec", "eval"}:
            return True
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] in _REACHES_OUT for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _REACHES_OUT | {"airlock"}:
            return True
        if isinstance(node, ast.Attribute) and node.attr in {"run", "system", "popen", "get_records", "get_conn"}:
            return True
    return False


def _shows(cell: Cell) -> bool:
    # A demonstration is an experiment that cleans up after itself: no later cell needs it.
    return cell.role is Role.PLAIN and ("demonstration" in cell.tags or only_shows(cell.source))
