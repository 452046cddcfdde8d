"""From a source to the notebook of the instructor: the same cells, with nbgrader's metadata and solutions in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

import nbformat
from IPython.core import inputtransformer2
from nbformat import NotebookNode

from airlock.checks import catalogue
from airlock.course.fault import Fault
from airlock.course.source import Cell, Role, Source

CODE_STUB = "# Your answer goes here."
# A double click shows the text and stays in command mode, where JupyterLab takes what is typed as commands.
TEXT_STUB = "*Select this cell, press Enter, and write your answer here.*"
SCHEMA = 3
# Shown with their source folded away: it holds the question a second time, or its answer.
_SPOILERS = frozenset({"predict", "reveal", "myth"})
_nbformat: Any = nbformat  # its functions carry no types
_ipython: Any = inputtransformer2
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def instructor(source: Source) -> NotebookNode:
    """The notebook with solutions. The same source gives the same notebook, byte by byte."""
    cells = [_node(cell, number) for number, cell in enumerate(source.cells)]
    made: NotebookNode = _nbformat.v4.new_notebook(cells=cells, metadata=_nbformat.from_dict(_METADATA))
    return made


def text(notebook: NotebookNode) -> str:
    """The notebook as the text of its file."""
    return str(_nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"


def faults(sources: Iterable[Source]) -> Iterator[Fault]:
    """What keeps the notebooks of one lesson from being built: tasks, checks and ids that do not fit."""
    seen: dict[str, str] = {}
    for source in sources:
        for cell in source.cells:
            for what in _misfits(source, cell):
                yield Fault("tasks", source.file, cell.line, what)
            if cell.role is Role.PLAIN:
                continue
            place = f"{source.file.name}:{cell.line}"
            if cell.grade_id in seen:
                what = f"{cell.role.value} {cell.task} is here a second time; the first is at {seen[cell.grade_id]}."
                yield Fault("duplicate", source.file, cell.line, what)
            seen.setdefault(cell.grade_id, place)


def cleared(source: str) -> str:
    """An answer cell as the learner first sees it."""
    lines: list[str] = []
    inside = False
    for line in source.splitlines():
        if "### BEGIN SOLUTION" in line:
            inside = True
            lines.append(line[: len(line) - len(line.lstrip())] + CODE_STUB)
        elif "### END SOLUTION" in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def _node(cell: Cell, number: int) -> NotebookNode:
    v4 = _nbformat.v4
    make = v4.new_code_cell if cell.kind == "code" else v4.new_markdown_cell
    node: NotebookNode = make(cell.source, id=f"cell-{number}" if cell.role is Role.PLAIN else cell.grade_id)
    if cell.tags:
        node.metadata["tags"] = list(cell.tags)
    if cell.kind == "code" and _tells_the_answer(cell.source):
        node.metadata["jupyter"] = {"source_hidden": True}
    if cell.role is not Role.PLAIN:
        node.metadata["nbgrader"] = _grading(cell)
    return node


def _tells_the_answer(source: str) -> bool:
    """Whether the cell is one call whose arguments give away what the learner is asked to predict."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    match body:
        case [ast.Expr(value=ast.Call(func=ast.Name(id=called)))]:
            return called in _SPOILERS
    return False


def _grading(cell: Cell) -> dict[str, Any]:
    graded = cell.role is not Role.ANSWER
    data: dict[str, Any] = {
        "grade": graded,
        "grade_id": cell.grade_id,
        "locked": cell.role is Role.CHECK,
        "schema_version": SCHEMA,
        "solution": cell.role is not Role.CHECK,
        "task": False,
    }
    if graded:
        data["points"] = catalogue.find(cell.task).points if cell.role is Role.CHECK else cell.points
    return data


def _misfits(source: Source, cell: Cell) -> Iterator[str]:
    if cell.role is not Role.PLAIN and int(cell.task.split(".")[0]) != source.lesson:
        yield f"{cell.role.value} {cell.task} does not belong to lesson {source.lesson}."
    if cell.role in (Role.ANSWER, Role.CHECK):
        yield from _catalogued(cell)
    if cell.role is Role.ANSWER:
        if not source.find(Role.CHECK, cell.task):
            yield f'task {cell.task} has no cell # %% check="{cell.task}" in this notebook.'
        yield from _untouched(cell)
    if cell.role is Role.CHECK:
        answers = source.find(Role.ANSWER, cell.task)
        if not answers or answers[0].line > cell.line:
            yield f'no answer cell # %% task="{cell.task}" stands above this check.'
        if cell.source.strip() != f'check("{cell.task}")':
            yield f'a check cell holds check("{cell.task}") and nothing else.'


def _catalogued(cell: Cell) -> Iterator[str]:
    try:
        check = catalogue.find(cell.task)
    except KeyError:
        yield f"unknown task {cell.task}: no judge in airlock.checks is registered for it."
        return
    if len({hint.strip() for hint in check.hints} - {""}) != 3:
        yield f"task {cell.task} is missing hints: its judge needs three different ones."


def _untouched(cell: Cell) -> Iterator[str]:
    try:
        ast.parse(_ipython.TransformerManager().transform_cell(cleared(cell.source)))
    except SyntaxError as error:
        yield (
            f"without its solution the cell is no longer Python ({error.msg}); "
            "keep a placeholder such as `name = ...` above ### BEGIN SOLUTION."
        )
