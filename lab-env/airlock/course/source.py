"""The text that a lesson is written in: jupytext's percent format, with four marks of ours on its cells.

``# %% task="1.1"`` is an answer cell, ``# %% check="1.1"`` the graded cell under it, ``# %% [markdown]
written="1.8" points=4`` an answer that a person marks; everything else is prose and code as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from airlock.course.fault import BadSource, Fault

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_MARKS = {"task", "check", "written"}
_ALLOWED = _MARKS | {"points", "tags", "title"}
_JUPYTEXT = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}  # its own notes about blank lines
_TASK_ID = re.compile(r"\d+\.\d+")


class Role(Enum):
    """What a cell is for."""

    PLAIN = "cell"
    ANSWER = "task"
    CHECK = "check"
    WRITTEN = "written"


@dataclass(frozen=True)
class Cell:
    """One cell of a source file. ``line`` is where its ``# %%`` stands."""

    kind: str
    source: str
    line: int
    role: Role = Role.PLAIN
    task: str = ""
    points: float = 0.0
    tags: tuple[str, ...] = ()

    @property
    def grade_id(self) -> str:
        """nbgrader's name of a graded or answer cell, e.g. ``check-1-3``; also a valid cell id."""
        return f"{self.role.value}-{self.task.replace('.', '-')}"

    @property
    def solution(self) -> str:
        """The lines between the solution marks; empty when there are none."""
        lines = self.source.splitlines()
        marks = [number for number, line in enumerate(lines) if BEGIN in line or END in line]
        return "\n".join(lines[marks[0] + 1 : marks[-1]]) if len(marks) > 1 else ""


@dataclass(frozen=True)
class Source:
    """One notebook's source."""

    file: Path
    lesson: int
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """The notebook's name, without an extension."""
        return self.file.stem

    def find(self, role: Role, task: str = "") -> list[Cell]:
        """Its cells with this role, of this task when one is named."""
        return [cell for cell in self.cells if cell.role is role and task in ("", cell.task)]


def task_of(grade_id: str) -> str:
    """The task of a ``check-…`` cell: ``check-1-3`` gives ``1.3``. Raises ValueError for any other cell."""
    match = re.fullmatch(r"check-(\d+)-(\d+)", grade_id)
    if not match:
        raise ValueError(f"{grade_id!r} is not a check cell")
    return f"{match[1]}.{match[2]}"


def read(file: Path, lesson: int) -> Source:
    """Read a source file. Raises `BadSource` naming every wrong mark and its line."""
    import jupytext  # takes as long to import as all of the commands together, and few of them read a lesson

    text = file.read_text(encoding="utf-8")
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:
        # jupytext and the YAML reader under it raise a dozen kinds of errors for a bad header or cell line
        raise BadSource([Fault("readable", file, 1, f"jupytext cannot read it: {error}.")]) from None
    lines = _lines(text, len(notebook.cells))
    faults: list[Fault] = []
    cells = [_cell(file, node, line, faults) for node, line in zip(notebook.cells, lines, strict=True)]
    if faults:
        raise BadSource(faults)
    return Source(file, lesson, tuple(cells))


def _lines(text: str, count: int) -> list[int]:
    marks = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"# ?%%(\s|$)", line)]
    if len(marks) == count - 1:  # text before the first mark is a cell too
        marks = [1, *marks]
    return marks if len(marks) == count else [0] * count


def _cell(file: Path, node: Any, line: int, faults: list[Fault]) -> Cell:
    marks = {name: mark for name, mark in node.metadata.items() if name not in _JUPYTEXT}
    for fault in _wrong_marks(node.cell_type, marks, node.source):
        faults.append(Fault("marks", file, line, fault))
    role = next((role for role in Role if role.value in marks), Role.PLAIN)
    points = marks.get("points", 0)
    return Cell(
        kind=node.cell_type,
        source=node.source,
        line=line,
        role=role,
        task=str(marks.get(role.value, "")),
        points=float(points) if isinstance(points, int | float) else 0.0,
        tags=tuple(marks.get("tags", ())),
    )


def _wrong_marks(kind: str, marks: dict[str, Any], source: str) -> Iterator[str]:
    known = ", ".join(sorted(_ALLOWED))
    yield from (f"unknown mark {name!r} on the cell; known are {known}." for name in marks if name not in _ALLOWED)
    mine = sorted(_MARKS & set(marks))
    if kind == "raw":
        yield "a raw cell; use [markdown] or code."
    if len(mine) > 1:
        yield f"the cell is marked {' and '.join(mine)}; it can be one of them."
    for name in mine:
        if not isinstance(marks[name], str) or not _TASK_ID.fullmatch(marks[name]):
            yield f'{name}={marks[name]!r} is not a task id; write it as "1.3", in quotes.'
        if (kind == "markdown") != (name == "written"):
            yield f"a {name} cell has to be {'markdown' if name == 'written' else 'code'}."
    if ("points" in marks) != ("written" in marks):
        yield "points go on a written cell, and only there; those of a check are in its judge."
    elif "written" in marks and not (isinstance(marks["points"], int | float) and marks["points"] > 0):
        yield "points have to be a number above zero."
    yield from _wrong_solution(source, "task" in marks or "written" in marks)


def _wrong_solution(source: str, answer: bool) -> Iterator[str]:
    marks = re.findall(r"^\s*(### (?:BEGIN|END) SOLUTION)\s*$", source, re.MULTILINE)
    if source.count("BEGIN SOLUTION") + source.count("END SOLUTION") != len(marks):
        yield f"write {BEGIN} and {END} each on a line of its own, exactly like this."
    elif marks != [BEGIN, END] * (len(marks) // 2):
        yield f"{BEGIN} and {END} do not pair up."
    elif answer and not marks:
        yield f"an answer cell without {BEGIN} … {END}."
    elif marks and not answer:
        yield "a solution in a cell that is not marked task or written would reach the learner."
