"""Hand-ins that try to get points without an answer. None of them gains anything, and none stops the batch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode

from tests.grading.conftest import Class, checks, code, find

Edit = Callable[[NotebookNode], None]
WRONG = {"9-1": 0, "9-2": 0, "9-3": 0, "9-4": 0, "9-5": 0}


def _first(source: str) -> Edit:
    return lambda notebook: notebook.cells.insert(0, code(source))


def _answered(source: str) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        find(notebook, "task-9-1").source = source

    return edit


def _each_check(change: Edit) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        for cell in checks(notebook):
            change(cell)

    return edit


def _edited(cell: NotebookNode) -> None:
    cell.source = 'print("[PASSED]")\n1.0'


def _no_longer_a_check(cell: NotebookNode) -> None:
    cell.metadata.nbgrader |= {"solution": True, "locked": False, "points": 1000}


def _skipped(cell: NotebookNode) -> None:
    cell.metadata["tags"] = ["skip-execution", "raises-exception"]


def _as_text(cell: NotebookNode) -> None:
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def _strange_marks(cell: NotebookNode) -> None:
    cell.metadata.nbgrader = {"grade_id": ["check-9-1"], "schema_version": 99}


def _deleted(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" not in cell.metadata]


def _doubled(notebook: NotebookNode) -> None:
    notebook.cells += [cell.copy() for cell in checks(notebook)]


def _swapped(notebook: NotebookNode) -> None:
    first, second = checks(notebook)[:2]
    first.metadata.nbgrader, second.metadata.nbgrader = second.metadata.nbgrader, first.metadata.nbgrader


HOSTILE: dict[str, Edit] = {
    "patched builtins": _first(
        "import builtins\n"
        "for name in ('isinstance', 'issubclass', 'callable', 'hasattr', 'all', 'any'):\n"
        "    setattr(builtins, name, lambda *_: True)\n"
        "builtins.float = lambda *_: 1000.0"
    ),
    "equal to everything": _answered(
        "class Equal(int):\n    __eq__ = lambda *_: True\n    __ne__ = __lt__ = lambda *_: False\n"
        "    __hash__ = int.__hash__\nanswer = Equal(7)\nafter = Equal(7)\nmine = Equal(7)\ndouble = lambda n: Equal(7)"
    ),
    "printed score": _answered("print('[PASSED]  9.1  The answer  (2 of 2 points)')\n2.0"),
    "own check": _first("def check(task):\n    print('[PASSED]')\n    return 1000.0"),
    "patched judges": _first(
        "from airlock.checks import catalogue\nfrom airlock.checks.report import passed\n"
        "catalogue.Check.run = lambda *_: passed('won').labelled('9.1', 'won', 1000.0)\n"
        "catalogue.find = lambda task: None"
    ),
    "patched probe": _first(
        "import airlock.course.probe as probe\n"
        'probe.value = probe.call = lambda *_: \'{"ok": {"__type__": "Report", "share": 1.0}}\''
    ),
    "edited checks": _each_check(_edited),
    "unmarked checks": _each_check(_no_longer_a_check),
    "skipped checks": _each_check(_skipped),
    "checks as text": _each_check(_as_text),
    "strange marks": _each_check(_strange_marks),
    "no marked cell left": _deleted,
    "doubled checks": _doubled,
    "swapped checks": _swapped,
    "exit": _first("import os\nos._exit(0)"),
    "exit by the book": _first("raise SystemExit(0)"),
    "crash": _first("import ctypes\nctypes.string_at(0)"),
    "outputs of earlier cells": _first(
        "from IPython.display import display, update_display\ndisplay('1.0', display_id='x')\n"
        "update_display('1000.0', display_id='x')"
    ),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_nothing_is_gained(school: Class, how: str) -> None:
    notebook = school.released()
    HOSTILE[how](notebook)
    graded = school.grade(notebook)
    assert school.scores() == WRONG
    assert graded.score == 0.0
    assert graded.points == 13.0


def test_one_hostile_learner_does_not_stop_the_others(school: Class) -> None:
    broken = school.released()
    broken.cells = []
    school.hand_in("mallory", broken)
    (school.root / "submitted" / "mallory" / "lesson-9" / "lesson.ipynb").write_text("{not json")
    school.hand_in("zoe", school.solved())
    results = {each.learner: school.pipeline.grade(each) for each in school.pipeline.submissions()}
    assert results["mallory"].score is None
    assert results["mallory"].notes
    assert results["zoe"].score == 9.0


def test_a_second_hand_in_does_not_keep_the_first_score(school: Class) -> None:
    assert school.grade(school.solved()).score == 9.0
    worse = school.released()
    worse.cells.insert(0, code("import os\nos._exit(1)"))
    assert school.grade(worse).score == 0.0


def test_work_before_the_kernel_ended_counts(school: Class) -> None:
    notebook = school.solved()
    at = notebook.cells.index(find(notebook, "task-9-2"))
    notebook.cells.insert(at, code("import os\nos._exit(1)"))
    school.grade(notebook)
    assert school.scores() == WRONG | {"9-1": 2}
    text = find(school.graded(), "check-9-2").outputs[0].text
    assert "kernel is gone" in text


def test_no_script_reaches_the_marker(school: Class) -> None:
    notebook = school.solved()
    notebook.cells.append(code("from IPython.display import HTML\nHTML('<script>steal()</script>')"))
    notebook.cells.append(code("print('x' * 1_000_000)"))
    school.grade(notebook)
    page = (school.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    assert "<script>steal()" not in page
    assert "more characters left out" in page
    assert "x" * 30_000 not in page
