"""What was handed out, as nbgrader recorded it: read once for all hand-ins of an assignment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airlock.course import layout
from airlock.grading.restore import Handed, handed_out


@dataclass(frozen=True)
class Master:
    """An assignment.

    Attributes:
        assignment: e.g. ``lesson-3``.
        cells: the cells of each notebook by name, for each notebook's name.
        kernelspecs: for each notebook's name, what its metadata say of the kernel; None when nothing.
    """

    assignment: str
    cells: dict[str, dict[str, Handed]]
    kernelspecs: dict[str, Any]

    @property
    def folder(self) -> Path:
        """The instructor's folder; the files in it that are no notebooks travel with every hand-in."""
        return layout.instructor_dir() / self.assignment


def read(gradebook: Any, assignment: str) -> Master:
    """The assignment as it is in nbgrader's gradebook. Raises `nbgrader.api.MissingEntry`."""
    cells, kernelspecs = {}, {}
    for notebook in gradebook.find_assignment(assignment).notebooks:
        cells[notebook.name] = handed_out(gradebook, notebook.name, assignment)
        kernelspecs[notebook.name] = json.loads(notebook.kernelspec) if notebook.kernelspec else None
    return Master(assignment, cells, kernelspecs)
