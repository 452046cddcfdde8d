"""Alike hand-ins are found, however they were disguised; answers that many find by themselves are not."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from airlock.course import build, layout
from airlock.grading import forms, similar
from airlock.grading.similar import Given
from airlock.grading.submission import Submission, of_assignments

v4: Any = nbformat.v4
GIVEN = frozenset({"me", "double"})
OWN = """
def double(number):
    # every bit one to the left
    result = 0
    for power, bit in enumerate(reversed(bin(number)[2:])):
        result += int(bit) << (power + 1)
    return result
"""
DISGUISED = """
def double(n):
    r = 0


    for i, b in enumerate(reversed(bin(n)[3:])):
        r += int(b) << (i + 1)   # shifted
    return r
"""
OTHER = """
def double(number):
    pieces = [number, number]
    while len(pieces) > 1:
        pieces = [left + right for left, right in zip(pieces[::2], pieces[1::2])]
    return pieces[0] if pieces else None
"""
REFERENCE = (
    "def double(number):\n    total = number + number\n    assert total == 2 * number, 'odd'\n    return total\n"
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (OWN, DISGUISED, True),
        ("x = me.shop(port=1)", "y = me.shop( port = 22 )  # mine", True),
        ("x = me.shop(port=1)", "y = me.shop(host=1)", False),
        ("a = b", "b = a", True),
        ("a = a", "b = a", False),
        ("x = 'mine'", 'x = "another"', True),
        ("not python at all (", "NOT python   at all (", True),
        ("if True:\n    me", "if True:\n\tme", True),
    ],
)
def test_forms(one: str, other: str, same: bool) -> None:
    assert (forms.of_code(one, GIVEN) == forms.of_code(other, GIVEN)) is same


def handed_in(root: Path, learner: str, function: str, written: str = "") -> Submission:
    folder = root / "submitted" / learner / "lesson-9"
    folder.mkdir(parents=True)
    marks = {"solution": True, "grade": False, "locked": False}
    cells = [
        v4.new_code_cell(function, metadata={"nbgrader": {**marks, "grade_id": "task-9-2"}}),
        v4.new_markdown_cell(written, metadata={"nbgrader": {**marks, "grade_id": "written-9-7"}}),
    ]
    nbformat.write(v4.new_notebook(cells=cells), folder / "lesson.ipynb")
    return Submission(learner, "lesson-9")


@pytest.fixture
def known() -> Given:
    stub = {"task-9-2": forms.of_code("def double(number):\n    ...", GIVEN), "written-9-7": ()}
    return Given(GIVEN, stub, {"task-9-2": forms.of_code(REFERENCE, GIVEN)})


def test_a_disguised_copy_is_found_and_what_many_found_is_not(course: Path, known: Given) -> None:
    prose = "Because a secret that travels in clear text is read by whoever sits between the two, and kept for years."
    functions = {"ada": OWN, "bob": DISGUISED, "cyd": OTHER, "dan": REFERENCE, "eve": REFERENCE}
    functions |= {
        "fay": REFERENCE.replace("total", "sum_").replace("'odd'", "'even'"),
        "guy": "def double(number):\n    ...",
    }
    functions |= dict.fromkeys("hjklm", OTHER + "# fashion\nassert double(1) == 2 and double(2) == 4\n")
    there = [handed_in(course, name, text, prose if name in "ada cyd" else "") for name, text in functions.items()]
    there.append(handed_in(course, "zoe", OWN))
    (there[-1].folder / "lesson.ipynb").write_text("{")
    report = similar.compare(there, known)
    assert [(pair.learners, [(c.cell, c.verbatim) for c in pair.cells]) for pair in report.pairs] == [
        (("ada", "bob"), [("task-9-2", False)]),
        (("ada", "cyd"), [("written-9-7", True)]),
    ]
    assert (report.unread, report.compared) == (["zoe"], 12)
    assert report.common == {"task-9-2": 3 + 5, "written-9-7": 0}


def test_the_reference_and_the_stub_are_nobodys_own(course: Path) -> None:
    build.write(build.build())
    for learner, origin in {"ada": layout.instructor_dir(), "bob": layout.released_dir()}.items():
        for copy in ("", "2"):
            folder = course / "submitted" / (learner + copy) / "lesson-9"
            folder.mkdir(parents=True)
            (folder / "lesson.ipynb").write_text((origin / "lesson-9" / "lesson.ipynb").read_text())
    known = similar.given((9,))
    assert set(known.stubs) >= {"task-9-1", "task-9-2", "written-9-7"}
    report = similar.compare(of_assignments(9)["lesson-9"], known)
    assert (report.pairs, report.compared) == ([], 4)


def test_a_class_of_500_is_compared_in_seconds(course: Path, known: Given) -> None:
    """Every answer another one: nothing can be gathered. It takes about a second; a busy machine gets ten."""
    chance = random.Random(7)
    words = [f"me.{chr(97 + number)}{number}" for number in range(40)]
    there = []
    for number in range(500):
        lines = [f"x{n} = {chance.choice(words)}({chance.choice(words)})" for n in range(25)]
        there.append(handed_in(course, f"learner-{number}", "\n".join(lines)))
    began = time.monotonic()
    report = similar.compare(there, known)
    assert report.compared == 500
    assert time.monotonic() - began < 10
    assert json.dumps([pair.learners for pair in report.pairs])
