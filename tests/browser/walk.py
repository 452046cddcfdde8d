"""A new learner's way through a lesson: mistakes first, then the right answers, every cell in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Locator, expect

from airlock import paths
from airlock.checks import catalogue
from airlock.course import layout
from airlock.course.notebook import instructor
from tests.browser.jupyter import PATIENCE, Notebook

Look = Callable[[Locator], None]
"""Given the outputs of a cell that has run: looks at them, and complains."""


def holds(words: str) -> Look:
    """The outputs contain these words."""
    return lambda outputs: expect(outputs).to_contain_text(words, ignore_case=True)


@dataclass
class Walk:
    """One lesson in JupyterLab.

    Attributes:
        address: see the fixture of that name.
        mistakes: by cell id, a wrong answer and words of the report that it must get.
        looks: by the beginning of a cell's source, what to look at once it has run. Each must be met.
    """

    notebook: Notebook
    address: str
    lesson: int
    mistakes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)

    def __post_init__(self) -> None:
        [source] = layout.read_lesson(self.lesson)
        self._answers = {c["id"]: c["source"] for c in instructor(source)["cells"] if c["id"].startswith("task-")}
        self._file = f"lesson-{self.lesson}/{source.file.stem}.ipynb"
        self._asked: set[str] = set()
        self.notebook.page.on("request", lambda request: self._asked.add(request.url))

    def open(self) -> list[str]:
        """Open the lesson; the sources of its cells, in order."""
        self.notebook.open(self.address.format(self._file))
        cells = json.loads((paths.work_dir() / self._file).read_text())["cells"]
        self._sources = {cell["id"]: "".join(cell["source"]) for cell in cells}
        expect(self.notebook.cells()).to_have_count(len(cells), timeout=PATIENCE)
        return list(self._sources.values())

    def go_on(self, start: int = 0) -> None:
        """Run every cell from ``start`` on. Graded tasks pass at the end, after the mistakes."""
        met = set()
        for index, (cell, source) in list(enumerate(self._sources.items()))[start:]:
            if cell in self.mistakes:
                self._err(index, cell)
            if cell in self._answers:
                self.notebook.type_into(index, self._answers[cell])
            outputs = self.notebook.run(index)
            if cell.startswith("check-"):
                expect(outputs).to_contain_text("passed", ignore_case=True)
                self.notebook.photograph(cell)
            for beginning, look in self.looks.items():
                if source.startswith(beginning):
                    met.add(beginning)
                    look(outputs)
                    self.notebook.photograph(cell)
        assert met == set(self.looks), "a cell that was to be looked at is not in the lesson any more"

    def ends_with_full_score(self) -> None:
        """The start page counts every point, and nothing was fetched from outside."""
        page = self.notebook.page
        page.keyboard.press("Control+s")
        self.notebook.photograph("end")
        self.notebook.open(self.address.format("start.ipynb"))
        self.notebook.run(1)
        points = sum(check.points for check in catalogue.of_lesson(self.lesson))
        expect(page.get_by_text(f"{points:g} of {points:g} points").first).to_be_visible()
        self.notebook.photograph("start-afterwards")
        ours = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        assert {each for each in self._asked if not each.startswith(ours)} == set()

    def _err(self, index: int, cell: str) -> None:
        wrong, words = self.mistakes[cell]
        self.notebook.type_into(index, wrong)
        self.notebook.run(index)
        report = self.notebook.run(index + 1)
        self.notebook.photograph(f"mistake-{cell}")
        expect(report).to_contain_text(words, ignore_case=True)
