"""Before a submission is run: every cell that nbgrader knows is put back to what was handed out.

What a learner may decide is the text of the answer cells, and what else to run. Which cells are graded, for how many
points, what they hold, tags and every other mark come from the gradebook. Stock nbgrader does part of this and stops
the whole batch, or keeps an old score, when it meets a mark it does not expect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from airlock.course.notebook import SCHEMA

_node: Any = nbformat.from_dict


@dataclass(frozen=True)
class Handed:
    """A cell as it was handed out."""

    name: str
    kind: str
    source: str
    metadata: dict[str, Any]

    @property
    def fixed(self) -> bool:
        """Whether the learner's text is replaced, too."""
        return bool(self.metadata["locked"])


class Restore(NbGraderPreprocessor):  # type: ignore[misc]
    """nbgrader's preprocessor around `restored`."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore the notebook in place; every change is logged for the instructor."""
        named = resources["nbgrader"]
        with Gradebook(named["db_url"]) as gradebook:
            known = handed_out(gradebook, named["notebook"], named["assignment"])
        nb.cells, changes = restored(list(nb.cells), known)
        for change in changes:
            self.log.warning("%s", change)
        return nb, resources


def handed_out(gradebook: Any, notebook: str, assignment: str) -> dict[str, Handed]:
    """The cells that nbgrader recorded for a notebook, by name."""
    recorded = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: cell.max_score for cell in recorded.grade_cells}
    answers = {cell.name for cell in recorded.solution_cells}
    found = {}
    for cell in recorded.source_cells:
        metadata = {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": cell.name in points,
            "grade_id": cell.name,
            "locked": cell.locked,
            "schema_version": SCHEMA,
            "solution": cell.name in answers,
            "task": False,
        }
        if cell.name in points:
            metadata["points"] = points[cell.name]
        found[cell.name] = Handed(cell.name, cell.cell_type, cell.source, metadata)
    return found


def restored(cells: list[NotebookNode], known: dict[str, Handed]) -> tuple[list[NotebookNode], list[str]]:
    """The cells with every mark as it was handed out, and what had to be changed, in words."""
    result: list[NotebookNode] = []
    changes: list[str] = []
    seen: set[str] = set()
    for cell in reversed(cells):  # of two copies the last one counts, as in stock nbgrader
        name = _name(cell)
        if name in known and name not in seen:
            seen.add(name)
            result.append(_as_handed(known[name], cell, changes))
            continue
        if name in known:
            changes.append(f"There are several cells {name}; the last one counts.")
        cell.metadata = _node({})
        result.append(cell)
    result.reverse()
    for name in sorted(set(known) - seen):
        changes.append(f"Cell {name} was missing and has been put back.")
        made = _node({"cell_type": known[name].kind, "source": known[name].source, "metadata": {}})
        _insert(result, _as_handed(known[name], made, []))
    return result, changes


def _name(cell: NotebookNode) -> str:
    marks = cell.metadata.get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def _as_handed(handed: Handed, cell: NotebookNode, changes: list[str]) -> NotebookNode:
    if handed.fixed and cell.source != handed.source:
        changes.append(f"Cell {handed.name} had been edited and has been put back.")
    kept = {"cell_type": handed.kind, "source": handed.source if handed.fixed else cell.source}
    if handed.kind == "code":
        kept |= {"execution_count": None, "outputs": []}
    for name in ("id", "attachments"):
        if name in cell:
            kept[name] = cell[name]
    made: NotebookNode = _node({**kept, "metadata": {"nbgrader": handed.metadata}})
    return made


def _insert(cells: list[NotebookNode], cell: NotebookNode) -> None:
    """An answer goes above its check and a check below its answer; anything else to the end."""
    role, _, task = _name(cell).partition("-")
    beside = {"task": (f"check-{task}", 0), "check": (f"task-{task}", 1)}.get(role)
    for index, other in enumerate(cells):
        if beside and _name(other) == beside[0]:
            cells.insert(index + beside[1], cell)
            return
    cells.append(cell)
