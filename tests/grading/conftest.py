"""A course in a temporary folder, recorded in a gradebook, and hand-ins of it. No lab runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from airlock.course import build, layout
from airlock.course.kernel import CELL_SECONDS
from airlock.grading import execute
from airlock.grading.pipeline import Graded, Pipeline, Submission
from airlock.lab import View
from tests.course.conftest import course, nobody  # noqa: F401 - fixtures

_v4: Any = nbformat.v4
SEED = "5" * 32
Edit = Callable[[NotebookNode], None]


class Class:
    """One course with its gradebook."""

    def __init__(self, root: Path, cell_seconds: int = CELL_SECONDS) -> None:
        self.root = root
        build.write(build.build())
        self.pipeline = Pipeline(cell_seconds)
        self.pipeline.register("lesson-9")

    def released(self) -> NotebookNode:
        """The lesson as it was handed out."""
        return nbformat.read(layout.released_dir() / "lesson-9" / "lesson.ipynb", 4)

    def solved(self) -> NotebookNode:
        """The lesson with the reference answers, graded cells as handed out."""
        return nbformat.read(layout.instructor_dir() / "lesson-9" / "lesson.ipynb", 4)

    def hand_in(self, learner: str, notebook: NotebookNode, seed: str | None = SEED) -> Submission:
        """Put a notebook where nbgrader collects."""
        folder = self.root / "submitted" / learner / "lesson-9"
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / "lesson.ipynb")
        if seed:
            (folder / "learner.json").write_text(json.dumps({"seed": seed}))
        return Submission(learner, "lesson-9")

    def grade(self, notebook: NotebookNode, learner: str = "ada", seed: str | None = SEED) -> Graded:
        """Hand in and grade."""
        return self.pipeline.grade(self.hand_in(learner, notebook, seed))

    def graded(self, learner: str = "ada") -> NotebookNode:
        """What nbgrader kept of it."""
        return nbformat.read(self.root / "autograded" / learner / "lesson-9" / "lesson.ipynb", 4)

    def scores(self, learner: str = "ada") -> dict[str, float]:
        """Points by task, as nbgrader itself reads them from the cells."""
        from nbgrader.utils import determine_grade

        cells = {cell.metadata.nbgrader.grade_id: cell for cell in checks(self.graded(learner))}
        return {name.removeprefix("check-"): determine_grade(cell)[0] for name, cell in cells.items()}


def checks(notebook: NotebookNode) -> list[NotebookNode]:
    """The graded code cells."""
    return [
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("check")
    ]


def find(notebook: NotebookNode, name: str) -> NotebookNode:
    """A cell by its nbgrader name."""
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def code(source: str) -> NotebookNode:
    """A cell of the learner's own."""
    cell: NotebookNode = _v4.new_code_cell(source)
    return cell


@pytest.fixture
def school(course: Path, nobody: View, monkeypatch: pytest.MonkeyPatch) -> Class:  # noqa: F811
    """A class of learners. What would open and close views in a lab does nothing."""
    return in_class(course, nobody, monkeypatch)


def in_class(
    course: Path,  # noqa: F811
    nobody: View,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    cell_seconds: int = CELL_SECONDS,
) -> Class:
    """What `school` is, for a course of any fixture's."""
    assert nobody.lab.id == "none"
    for name in ("open_view", "close_view", "reset_view"):
        monkeypatch.setattr(execute, name, lambda _: None)
    monkeypatch.chdir(course)
    return Class(course, cell_seconds)
