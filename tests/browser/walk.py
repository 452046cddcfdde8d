"""A new learner's way through a lesson: mistakes first, then the right answers, every cell in order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Locator, expect

from airlock import paths
from airlock.checks import catalogue
from airlock.course import layout
from airlock.course.notebook import instructor
from airlock.lesson import progress
from tests.browser.jupyter import PATIENCE, Notebook

CUT = """cell => [...cell.querySelectorAll('td, th, button, img, .jp-OutputArea-output pre, .widget-html-content')]
    .filter(each => each.clientWidth && (each.scrollWidth > each.clientWidth + 1
        || each.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1))
    .map(each => each.outerHTML.slice(0, 200))"""
"""What of a cell is wider than its own box, or than the cell."""

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
        name: which notebook of the lesson; the first when left out.
    """

    notebook: Notebook
    address: str
    lesson: int
    mistakes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        source = next(each for each in layout.read_lesson(self.lesson) if self.name in ("", each.name))
        self._answers = {c["id"]: c["source"] for c in instructor(source)["cells"] if c["id"].startswith("task-")}
        self._file = f"lesson-{self.lesson}/{source.file.stem}.ipynb"
        self._asked: set[str] = set()
        self.notebook.page.on("request", lambda request: self._asked.add(request.url))

    @property
    def sources(self) -> list[str]:
        """The sources of its cells, in order, once it has been opened."""
        return list(self._sources.values())

    def open(self) -> None:
        """Open the lesson as it is handed out."""
        fresh = layout.released_dir() / self._file  # an earlier run on a lab that stays up has saved its own
        shutil.copyfile(fresh, paths.work_dir() / self._file)
        self.notebook.open(self.address.format(self._file))
        cells = json.loads((paths.work_dir() / self._file).read_text())["cells"]
        self._sources = {cell["id"]: "".join(cell["source"]) for cell in cells}
        expect(self.notebook.cells()).to_have_count(len(cells), timeout=PATIENCE)

    def where(self, cell: str) -> int:
        """The place of a cell, by its id."""
        return list(self._sources).index(cell)

    def err(self, cell: str) -> None:
        """Make the mistake that was prepared for a task, and look at its report."""
        self._err(self.where(cell), cell)

    def go_on(self, start: int = 0, end: int | None = None) -> None:
        """Run every cell from ``start`` on, up to ``end``. Graded tasks pass at the end, after the mistakes."""
        met = set()
        for index, (cell, source) in list(enumerate(self._sources.items()))[start:end]:
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
        missing = set() if end is not None else set(self.looks) - met
        assert not missing, f"not in the lesson any more: cells that begin with {missing}"

    def _look_around(self) -> None:
        """Pictures of every drawing, table, report and looked-at output, dark and 900 px wide; nothing is cut."""
        page = self.notebook.page
        page.keyboard.press("Control+b")  # in a narrow window one does without the list of files
        page.set_viewport_size({"width": 900, "height": 1800})
        page.emulate_media(color_scheme="dark")  # drawings follow the system, not the theme
        self.notebook.theme("JupyterLab Dark")
        for index, (cell, source) in enumerate(self._sources.items()):
            looked_at = cell.startswith("check-") or source.startswith(tuple(self.looks))
            if looked_at or "![" in source or "\n|" in source:
                shown = self.notebook.cells().nth(index)
                self.notebook.photograph(f"dark-900-{cell}", shown)
                assert shown.evaluate(CUT) == [], cell
        self.notebook.is_accessible()
        self.notebook.theme("JupyterLab Light")
        page.emulate_media(color_scheme="no-preference")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.keyboard.press("Control+b")

    def ends_with_full_score(self) -> None:
        """It looks well in both themes; the start page counts every point, and nothing was fetched from outside."""
        page = self.notebook.page
        self.notebook.save()
        self.notebook.photograph("end")
        self.notebook.is_accessible()
        self._look_around()
        self.notebook.open(self.address.format("start.ipynb"))
        self.notebook.run(1)
        tasks = catalogue.of_lesson(self.lesson)
        mine = {cell.removeprefix("task-").replace("-", ".") for cell in self._answers}
        best = {check.task: (progress.current().check(check.task) or {}).get("best", 0) for check in tasks}
        assert [check.task for check in tasks if check.task in mine and best[check.task] != check.points] == []
        points = sum(check.points for check in tasks)
        expect(page.get_by_text(f"{sum(best.values()):g} of {points:g} points").first).to_be_visible()
        self.notebook.photograph("start-afterwards")
        ours = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        assert {each for each in self._asked if not each.startswith(ours)} == set()

    def _err(self, index: int, cell: str) -> None:
        wrong, words = self.mistakes[cell]
        self.notebook.type_into(index, wrong)
        for each in range(index, self.where(cell.replace("task", "check"))):
            self.notebook.run(each)
        report = self.notebook.run(self.where(cell.replace("task", "check")))
        self.notebook.photograph(f"mistake-{cell}")
        expect(report).to_contain_text(words, ignore_case=True)
