"""Hand-ins that try to get points without an answer. None of them gains anything, and none stops the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from airlock.grading.pipeline import Submission
from tests.grading.conftest import Class, checks, code, find

SHORT_SECONDS = 3  # what has patched the builtins hangs
v4: Any = nbformat.v4
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


def _renamed(cell: NotebookNode) -> None:
    cell.metadata.nbgrader.grade_id += "-mine"


def _without_checks(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell not in checks(notebook)]


def _forged(notebook: NotebookNode) -> None:
    for cell in checks(notebook):
        cell.metadata.nbgrader |= {"points": "1000", "checksum": "0" * 32, "locked": False, "grade": False}
    notebook.metadata["celltoolbar"] = "Create Assignment"
    notebook.metadata["nbgrader"] = {"score": 1000}


def _swapped(notebook: NotebookNode) -> None:
    first, second = checks(notebook)[:2]
    first.metadata.nbgrader, second.metadata.nbgrader = second.metadata.nbgrader, first.metadata.nbgrader


HOSTILE: dict[str, Edit] = {
    "patched asserts": _first(
        "import ast\nfrom IPython import get_ipython\n\n"
        "class Never(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "    def visit_Expr(self, node): return ast.Expr(ast.Constant(1000.0))\n"
        "get_ipython().ast_transformers.append(Never())"
    ),
    "patched IPython": _first(
        "from IPython import get_ipython\nshell = get_ipython()\n"
        "shell.user_expressions = lambda _: {'answer': {'status': 'ok', 'data': {'text/plain': '\\'{\"ok\": 7}\\''}}}"
    ),
    "patched modules": _first(
        "import sys, types\nfor name in [n for n in sys.modules if n.startswith(('airlock', 'nbgrader', 'json'))]:\n"
        "    sys.modules[name] = types.SimpleNamespace(check=lambda _: 1000.0, value=lambda _: '{\"ok\": 7}')"
    ),
    "killed kernel": _first("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "thread that goes on": _first(
        "import threading, time\n\ndef later():\n    while True:\n        time.sleep(0.01); print('[PASSED] 1000.0')\n"
        "threading.Thread(target=later, daemon=True).start()"
    ),
    "endless value": _answered("answer = '4' * 50_000_000\nafter = mine = [answer]\ndef double(n): return answer"),
    "deep value": _answered("answer = []\nfor _ in range(100_000): answer = [answer]\nafter = mine = answer"),
    "renamed checks": _each_check(_renamed),
    "deleted checks": _without_checks,
    "forged marks": _forged,
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
    "half a character": _first("print('\\ud800')\nraise ValueError('\\ud800')"),
    "outputs of earlier cells": _first(
        "from IPython.display import display, update_display\ndisplay('1.0', display_id='x')\n"
        "update_display('1000.0', display_id='x')"
    ),
}


TOLD = {
    "edited checks": "edited and has been put back",
    "renamed checks": "was missing and has been put back",
    "deleted checks": "was missing and has been put back",
    "no marked cell left": "was missing and has been put back",
    "strange marks": "was missing and has been put back",
    "doubled checks": "several cells",
    "exit": "ended the kernel's process",
    "crash": "ended the kernel's process",
}
"""What the instructor reads of those that leave a trace; the others change nothing that counts."""


@pytest.mark.parametrize("how", HOSTILE)
def test_nothing_is_gained(school: Class, learner: str, how: str) -> None:
    notebook = school.released()
    HOSTILE[how](notebook)
    graded = school.grade(notebook, learner)
    assert school.scores(learner) == WRONG
    assert graded.score == 0.0
    assert graded.points == 13.0
    assert how not in TOLD or any(TOLD[how] in note for note in graded.notes), graded.notes


HONEST = ("patched asserts", "edited checks", "skipped checks", "checks as text", "renamed checks", "deleted checks")


@pytest.mark.parametrize("how", [*HONEST, "forged marks", "doubled checks", "own check", "patched judges"])
def test_the_honest_part_counts(school: Class, learner: str, how: str) -> None:
    notebook = school.solved()
    HOSTILE[how](notebook)
    assert school.grade(notebook, learner).score == 9.0


def test_one_hostile_learner_does_not_stop_the_others(school: Class) -> None:
    broken = school.released()
    broken.cells = []
    school.hand_in("mallory", broken)
    (school.root / "submitted" / "mallory" / "lesson-9" / "lesson.ipynb").write_text("{not json")
    doubled = school.solved()
    _doubled(doubled)
    school.hand_in("oscar", doubled)
    school.hand_in("zoe", school.solved())
    results = {name: school.pipeline.grade(Submission(name, "lesson-9")) for name in ("mallory", "oscar", "zoe")}
    assert results["mallory"].score is None
    assert results["mallory"].notes
    assert results["oscar"].score == 9.0
    assert results["zoe"].score == 9.0


@pytest.mark.parametrize("how", ["exit", "deleted checks", "no marked cell left"])
def test_a_second_hand_in_does_not_keep_the_first_score(school: Class, learner: str, how: str) -> None:
    assert school.grade(school.solved(), learner).score == 9.0
    worse = school.released()
    HOSTILE[how](worse)
    assert school.grade(worse, learner).score == 0.0


def test_work_before_the_kernel_ended_counts(school: Class, learner: str) -> None:
    notebook = school.solved()
    at = notebook.cells.index(find(notebook, "task-9-2"))
    notebook.cells.insert(at, code("import os\nos._exit(1)"))
    graded = school.grade(notebook, learner)
    assert school.scores(learner) == WRONG | {"9-1": 2}
    text = find(school.graded(learner), "check-9-2").outputs[0].text
    assert "kernel is gone" in text
    assert any("ended the kernel's process" in note for note in graded.notes)


SCRIPTS = {
    "in an output": code("from IPython.display import HTML\nHTML('<script>steal()</script>')"),
    "as a program": code("from IPython.display import Javascript\nJavascript('steal()')"),
    "as a picture": code(
        "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><script>steal()</script></svg>')"
    ),
    "in text": v4.new_markdown_cell("<script>steal()</script> <img src=x onerror=steal()> [x](javascript:steal())"),
    "as raw text": v4.new_raw_cell("<script>steal()</script>", metadata={"raw_mimetype": "text/html"}),
    "in an error": code("raise ValueError('<script>steal()</script>')"),
}


@pytest.mark.parametrize("where", SCRIPTS)
def test_no_script_reaches_the_marker(school: Class, learner: str, where: str) -> None:
    notebook = school.solved()
    notebook.cells.append(SCRIPTS[where].copy())
    assert school.grade(notebook, learner).score == 9.0
    page = (school.root / "feedback" / learner / "lesson-9" / "lesson.html").read_text()
    for script in ("<script>steal()", "<img src=x", 'onerror="', 'href="javascript:', "\nsteal()"):
        assert script not in page
    shown = [output.get("data", {}) for cell in school.graded(learner).cells for output in cell.get("outputs", [])]
    assert not [data for data in shown if {"text/html", "image/svg+xml", "application/javascript"} & set(data)]


def test_long_output_is_cut(school: Class, learner: str) -> None:
    notebook = school.solved()
    notebook.cells.append(code("print('x' * 1_000_000)"))
    school.grade(notebook, learner)
    page = (school.root / "feedback" / learner / "lesson-9" / "lesson.html").read_text()
    assert "more characters left out" in page
    assert "x" * 30_000 not in page


def test_an_output_of_no_known_shape_costs_nothing(school: Class, learner: str) -> None:
    notebook = school.solved()
    notebook.cells.insert(0, code("from IPython.display import display\ndisplay({'x/json': {'a': 1}}, raw=True)"))
    assert school.grade(notebook, learner).score == 9.0
