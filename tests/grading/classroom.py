"""A class to be graded, packed as Moodle packs it, and what each hand-in has to come to.

Made out of a lesson's reference answers and of its cases (`airlock.course.cases`): correct, correct in other ways,
partly right, wrong, untouched, and hostile. Used by a test, on a small lesson, and by `benchmarks.class_of_forty`.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from airlock.checks import catalogue
from airlock.course import cases, layout
from airlock.course.cases import Case, Expect
from airlock.course.notebook import instructor

DUE = datetime(2026, 11, 20, 18, tzinfo=UTC)
SCRIPT = "<script>document.title = 'stolen'</script>"
_FIRST = ("Ada", "Bob", "Cyd", "Dan", "Eve", "Fay", "Guy", "Hal")
_LAST = ("Adler", "Baker", "Cohen", "Dubois", "Evans")
_PLAN = {"correct": 9, "another way": 8, "partly": 6, "wrong": 4, "untouched": 2, "hostile": 11}
_WRITTEN = (
    "Whoever can read the file reads the password with it, and a copy of the file is a copy of the password.",
    "The text form is for people and for the environment; the database keeps the parts apart and locks two of them.",
    "I would look first at who can read each place, then at what is written there when something fails.",
)
_v4: Any = nbformat.v4


@dataclass(frozen=True)
class HandIn:
    """One learner's.

    Attributes:
        learner: the name in Moodle.
        kind: of `_PLAN`, a hostile one with what it does.
        notebook: its text; not always JSON.
        file: the notebook's name.
        low, high: between what its score has to be without a penalty; None when it cannot be graded.
        late: how long after `DUE` it came; negative when before.
    """

    learner: str
    kind: str
    notebook: str
    file: str
    low: float | None
    high: float | None
    late: timedelta

    @property
    def identifier(self) -> str:
        """The learner's name as collecting makes it."""
        return self.learner.lower().replace(" ", "-")


class Classroom:
    """Hand-ins of a lesson that has been built.

    Args:
        notebook: the one that is handed in, by its name, of a lesson with several.
    """

    def __init__(self, lesson: int, notebook: str | None = None) -> None:
        self.lesson = lesson
        [source] = [each for each in layout.read_lesson(lesson) if notebook in (None, each.name)]
        self._name = f"{source.file.stem}.ipynb"
        solved = instructor(source)
        self._reference = {cell.id: cell.source for cell in solved.cells if cell.id.startswith("task-")}
        there = {name.removeprefix("task-").replace("-", ".") for name in self._reference}
        self._checks = [check for check in catalogue.of_lesson(lesson) if check.task in there]
        self._cases = cases.load(lesson)
        self.points = sum(check.points for check in self._checks)

    def hand_ins(self, count: int = 40) -> list[HandIn]:
        """A class with every kind in it; the kinds' numbers are as in a class of forty, and at least one each."""
        made: list[HandIn] = []
        for kind, of_forty in _PLAN.items():
            for number in range(max(1, round(of_forty * count / 40))):
                learner = f"{_FIRST[len(made) % 8]} {_LAST[len(made) // 8 % 5]}"
                late = timedelta(hours=30) if len(made) % 9 == 4 else timedelta(hours=-5 - number)
                made.append(replace(self._made(kind, number), learner=learner, late=late))
        return made

    def _made(self, kind: str, number: int) -> HandIn:
        match kind:
            case "correct":
                return self._answered({}, kind)
            case "another way":
                return self._answered(self._chosen(number, {Expect.FULL}), kind, number)
            case "partly":
                wrong = self._chosen(number, {Expect.FAIL, Expect.PARTIAL})
                some = list(wrong)[number % 2 :: 3]
                return self._answered({task: wrong[task] for task in some}, kind, number)
            case "wrong":
                return self._answered(self._chosen(number, {Expect.FAIL, Expect.CHEAT}), kind, number)
            case "untouched":
                return self._hand_in(self._released(), kind, 0, 0)
            case _:
                hostile = list(_hostile(self))
                return hostile[number % len(hostile)]

    def _chosen(self, number: int, kinds: set[Expect]) -> dict[str, Case]:
        """A case of these kinds for each task that has one: another with each number."""
        found = {}
        for place, check in enumerate(self._checks):
            if some := [case for case in self._cases.get(check.task, []) if case.expect in kinds]:
                found[check.task] = some[(number + place) % len(some)]
        return found

    def _answered(self, chosen: dict[str, Case], kind: str, number: int = 0) -> HandIn:
        notebook = self.solved(number)
        low = high = 0.0
        spoilt: set[str] = set()
        for check in self._checks:
            case = chosen.get(check.task)
            if case:
                self.cell(notebook, f"task-{check.task.replace('.', '-')}").source = case.body
            if spoilt & set(check.needs):
                spoilt.add(check.task)
            elif case is None or case.expect is Expect.FULL:
                low, high = low + check.points, high + check.points
            else:
                spoilt.add(check.task)
                high += 0 if case.expect is Expect.CHEAT else check.points
        return self._hand_in(notebook, kind, low, high)

    def solved(self, number: int = 0) -> NotebookNode:
        """The lesson with the reference answers, and a written answer."""
        notebook = self._released()
        for cell in notebook.cells:
            if cell.id in self._reference:
                cell.source = self._reference[cell.id]
            elif cell.id.startswith("written-"):
                cell.source = _WRITTEN[number % len(_WRITTEN)]
        return notebook

    def cell(self, notebook: NotebookNode, name: str) -> NotebookNode:
        """A cell by its id."""
        return next(cell for cell in notebook.cells if cell.id == name)

    def checks(self, notebook: NotebookNode) -> list[NotebookNode]:
        """The graded code cells."""
        return [cell for cell in notebook.cells if cell.id.startswith("check-")]

    def _released(self) -> NotebookNode:
        read: Any = nbformat.read
        notebook: NotebookNode = read(layout.released_dir() / f"lesson-{self.lesson}" / self._name, 4)
        return notebook

    def _hand_in(self, notebook: NotebookNode, kind: str, low: float | None, high: float | None) -> HandIn:
        return HandIn("", kind, json.dumps(notebook), self._name, low, high, timedelta())

    def first(self, kind: str, source: str) -> HandIn:
        """An honest notebook, and code of the learner's own before everything else."""
        notebook = self.solved(1)
        notebook.cells.insert(0, _v4.new_code_cell(source))
        return self._hand_in(notebook, f"hostile: {kind}", self.points, self.points)

    def changed(self, kind: str, change: Callable[[NotebookNode], None], solved: bool, points: float) -> HandIn:
        """The solved or the released notebook with a change."""
        notebook = self.solved(2) if solved else self._released()
        change(notebook)
        return self._hand_in(notebook, f"hostile: {kind}", points, points)


def _hostile(school: Classroom) -> Iterator[HandIn]:
    points = school.points

    def each_check(change: Callable[[NotebookNode, NotebookNode], object]) -> Callable[[NotebookNode], None]:
        def whole(notebook: NotebookNode) -> None:
            for cell in school.checks(notebook):
                change(notebook, cell)

        return whole

    def print_a_score(_: NotebookNode, cell: NotebookNode) -> None:
        cell.source = "print('[PASSED]')\n1000.0"

    def twice(notebook: NotebookNode, cell: NotebookNode) -> None:
        notebook.cells.insert(notebook.cells.index(cell), nbformat.from_dict(json.loads(json.dumps(cell))))  # type: ignore[no-untyped-call]

    def script(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if cell.id.startswith("written-"):
                cell.source = f"An answer. {SCRIPT}<img src=x onerror=\"document.title = 'stolen'\">"
        notebook.cells.insert(0, _v4.new_code_cell(f"from IPython.display import HTML\nHTML({SCRIPT!r})"))

    reach = (
        "import glob, os, socket\n"
        f"found = [path for pattern in ('../../*/*/*.ipynb', '../../../*.db', {str(Path.home() / '*')!r})\n"
        "         for path in glob.glob(pattern)]\nprint('FOUND', found)\n"
        "try:\n    socket.create_connection(('192.0.2.1', 80), 1)\n    print('REACHED')\n"
        "except OSError as error:\n    print(type(error).__name__)"
    )
    yield school.changed("checks print a score", each_check(print_a_score), False, 0)
    yield school.changed("checks deleted", each_check(lambda nb, cell: nb.cells.remove(cell)), True, points)
    yield school.changed("script in text and output", script, True, points)
    yield replace(school.changed("no JSON", lambda _: None, True, 0), notebook="{not json", low=None, high=None)
    yield school.first("reaches out", reach)
    yield school.changed("checks twice", each_check(twice), True, points)
    yield replace(school.first("ends the kernel", "import os\nos._exit(0)"), low=0, high=0)
    yield replace(school.changed("another name", lambda _: None, True, 0), file="final.ipynb", low=None, high=None)
    yield school.first("memory bomb", "held = bytearray(16 << 30)")
    yield school.first("floods the output", "print('x' * 100_000_000)")
    yield school.first("endless loop", "while True: pass")


def pack(hand_ins: list[HandIn], lesson: int, folder: Path) -> None:
    """Write ``class.zip`` and ``worksheet.csv`` as Moodle does, and ``expected.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, each in enumerate(hand_ins):
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as own:
                own.writestr(f"lesson-{lesson}/{each.file}", each.notebook)
                own.writestr(f"lesson-{lesson}/learner.json", json.dumps({"seed": f"{number + 1:032x}"}))
                own.writestr(f"lesson-{lesson}/timestamp.txt", "2020-01-01 00:00:00 UTC")  # the learner's own word
            archive.writestr(
                f"{each.learner}_{1000 + number}_assignsubmission_file_/lesson-{lesson}.zip", inner.getvalue()
            )
    with (folder / "worksheet.csv").open("w", newline="", encoding="utf-8-sig") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(["Identifier", "Full name", "Status", "Last modified (submission)"])
        for number, each in enumerate(hand_ins):
            when = (DUE + each.late).astimezone()
            sheet.writerow(
                [f"Participant {1000 + number}", each.learner, "Submitted", f"{when:%A, %d %B %Y, %I:%M %p}"]
            )
    with (folder / "expected.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["learner", "kind", "low", "high", "late_hours"])
        for each in hand_ins:
            table.writerow([each.identifier, each.kind, each.low, each.high, each.late.total_seconds() / 3600])
