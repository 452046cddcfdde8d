"""Honest hand-ins get what they earned, and the pages and tables say so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from airlock.checks.report import failed, passed
from airlock.grading import execute
from airlock.grading.execute import outputs
from airlock.grading.restore import Handed, restored
from airlock.grading.submission import seed_of, shared_seeds
from airlock.lab import LabDown, Seed, View
from airlock.lab.view import learner_seed
from tests.course.throwaway import LESSON
from tests.grading.conftest import SEED, Class, code, find

FULL = {"9-1": 2, "9-2": 4, "9-3": 1, "9-4": 1, "9-5": 1}


def test_the_reference_gets_full_marks_and_waits_for_the_written_answer(school: Class) -> None:
    graded = school.grade(school.solved())
    assert school.scores() == FULL
    assert (graded.score, graded.points, graded.by_hand, graded.notes) == (9.0, 13.0, True, ())


def test_the_untouched_notebook_gets_nothing(school: Class) -> None:
    graded = school.grade(school.released())
    assert (graded.score, graded.by_hand) == (0.0, False)
    first = find(school.graded(), "check-9-1").outputs
    assert [output.output_type for output in first] == ["stream", "error"]
    assert first[0].text.startswith("[NOT ATTEMPTED]  9.1  The answer  (0 of 2 points)")


def test_partial_credit_and_what_builds_on_it(school: Class) -> None:
    notebook = school.solved()
    find(notebook, "task-9-1").source = "answer = 42.0"
    assert school.grade(notebook).score == 1.0 + 4 + 0 + 1 + 1
    report = find(school.graded(), "check-9-1").outputs
    assert report[0].text.startswith("[PARTLY]")
    assert report[1].data["text/plain"] == "1.0"
    assert find(school.graded(), "check-9-3").outputs[0].text.startswith("[BLOCKED]")


def test_noise_on_standard_error_costs_nothing(school: Class) -> None:
    notebook = school.solved()
    noise = (
        "import logging, sys, warnings\nwarnings.warn('old')\nlogging.warning('loud')\nprint('!', file=sys.stderr)\n"
    )
    for name in ("task-9-1", "task-9-2"):
        find(notebook, name).source = noise + find(notebook, name).source
    find(
        notebook, "task-9-2"
    ).source += "\nquiet = double\ndef double(n):\n    warnings.warn('again')\n    return quiet(n)"
    school.grade(notebook)
    assert school.scores() == FULL
    assert "stderr" not in [output.get("name") for output in find(school.graded(), "check-9-2").outputs]


def test_feedback_shows_the_report_and_no_expected_value(school: Class) -> None:
    notebook = school.released()
    find(notebook, "task-9-1").source = "answer = 41"
    school.grade(notebook)
    page = (school.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    assert "It is one short." in page
    assert "Fences and posts." in page
    assert "Count both ends." in page
    assert "most recent call" not in page
    assert 'src="http' not in page
    assert (school.root / "feedback" / "ada" / "lesson-9" / "box.svg").exists()


def test_a_neighbours_answer_is_wrong(school: Class) -> None:
    notebook = school.solved()
    number = Seed(SEED).number("mine", 1, 10**9)
    find(notebook, "task-9-4").source = f"mine = {number}"
    assert school.grade(notebook, "ada", SEED).score == 9.0
    assert school.grade(notebook, "bob", "6" * 32).score == 8.0


def test_a_missing_seed_is_told(school: Class) -> None:
    graded = school.grade(school.solved(), seed=None)
    assert graded.score == 9.0
    assert any("learner.json" in note for note in graded.notes)


def test_a_judge_that_breaks_is_told_and_gives_nothing(school: Class) -> None:
    file = school.root / "solutions" / "notebooks" / "lesson-9" / "lesson.py"
    more = '# %% task="9.6"\nx = ...\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n\n# %% check="9.6"\ncheck("9.6")\n'
    file.write_text(LESSON + "\n" + more)
    school = Class(school.root)
    graded = school.grade(school.solved())
    assert graded.score == 9.0
    assert any("9.6 broke" in note for note in graded.notes)
    report = find(school.graded(), "check-9-6").outputs[0].text
    assert "fault of the check" in report
    assert "42" not in report


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lab_that_is_down_gives_no_zero(school: Class, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(view: View) -> None:
        raise LabDown(f"PostgreSQL of {view.prefix} does not answer.")

    assert school.grade(school.solved()).score == 9.0
    monkeypatch.setattr(execute, "reset_view" if when == "before" else "close_view", down)
    graded = school.grade(school.released())
    assert graded.score is None
    assert any("This is no zero. Run ./airlock up" in note for note in graded.notes)
    school.pipeline.export(school.root / "grades.csv")
    assert "ada,lesson-9,9.0,13.0" in (school.root / "grades.csv").read_text()


def test_no_lab_at_all(school: Class) -> None:
    (school.root / "a state" / "lab.json").unlink()
    graded = school.grade(school.solved())
    assert graded.score is None
    assert "The lab is not running." in graded.notes[0]


def test_the_machines_own_learner_keeps_a_view(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    for name in ("reset_view", "close_view", "open_view"):
        monkeypatch.setattr(execute, name, lambda _, name=name: happened.append(name))
    school.grade(school.released(), seed=learner_seed().hex)
    assert happened == ["reset_view", "close_view", "open_view"]


def test_an_answer_in_two_cells_and_cells_of_ones_own(school: Class) -> None:
    notebook = school.solved()
    twin = nbformat.from_dict(json.loads(json.dumps(find(notebook, "task-9-1"))))
    twin.source = "answer = answer + 0"
    notebook.cells.insert(notebook.cells.index(find(notebook, "task-9-1")) + 1, twin)
    notebook.cells.insert(0, code("1 / 0"))
    graded = school.grade(notebook)
    assert graded.score == 9.0
    assert graded.notes == ("There are several cells task-9-1; the last one counts.",)


def test_stock_nbgrader_commands_do_the_same(school: Class) -> None:
    """`nbgrader autograde` reads nbgrader_config.py; the package does the rest."""
    school.hand_in("ada", school.solved())
    (school.root / "nbgrader_config.py").write_text((Path(__file__).parents[2] / "nbgrader_config.py").read_text())
    asks = "import tests.course.throwaway; from nbgrader.apps.nbgraderapp import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", asks, "autograde", "lesson-9", "--create"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    # No lab answers behind the description: nothing is graded, in one clear line, and no score appears.
    assert done.returncode != 0
    assert "This is no zero." in done.stderr + done.stdout
    assert not (school.root / "autograded" / "ada" / "lesson-9").exists()


def test_the_same_seed_twice_is_told(school: Class) -> None:
    for learner, seed in (("ada", SEED), ("bob", SEED), ("cyd", "6" * 32)):
        school.hand_in(learner, school.released(), seed)
    assert school.pipeline.copies(school.pipeline.submissions()) == [
        "lesson-9: ada and bob handed in the same personal values."
    ]


@pytest.mark.parametrize("text", ["", "{}", '{"seed": 1}', '{"seed": "xyz"}', "[1]", '"x"', "9" * 10_000])
def test_a_seed_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "learner.json").write_text(text)
    assert seed_of(tmp_path) is None


def test_a_seed_is_not_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text(json.dumps({"seed": SEED}))
    (tmp_path / "learner.json").symlink_to(tmp_path / "real.json")
    assert seed_of(tmp_path) is None
    assert shared_seeds({"ada": tmp_path, "bob": tmp_path}) == []


def test_points_never_exceed_the_cells(tmp_path: Path) -> None:
    report = passed("Well.").labelled("9.1", "x", 5.0)
    assert outputs(report, 2.0)[1].data["text/plain"] == "2.0"
    nothing = failed("No.", "Why.", "Look.").labelled("9.1", "x", 5.0)
    assert [output.output_type for output in outputs(nothing, 2.0)] == ["stream", "error"]
    assert tmp_path


def test_missing_cells_go_where_they_belong() -> None:
    marks = {"locked": True, "grade": True, "solution": False, "grade_id": "check-9-1", "points": 1.0}
    known = {
        "check-9-1": Handed("check-9-1", "code", 'check("9.1")', marks),
        "task-9-1": Handed("task-9-1", "code", "x = ...", marks | {"locked": False, "grade_id": "task-9-1"}),
    }
    task = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "task-9-1"}})
    check = nbformat.v4.new_code_cell("", metadata={"nbgrader": {"grade_id": "check-9-1"}})
    other = nbformat.v4.new_code_cell("pass")
    cells, changes = restored([other, task, other], known)
    assert [cell.source for cell in cells] == ["pass", "x = 1", 'check("9.1")', "pass"]
    assert changes == ["Cell check-9-1 was missing and has been put back."]
    cells, changes = restored([other, check], known)
    assert [cell.source for cell in cells] == ["pass", "x = ...", 'check("9.1")']
    assert len(changes) == 2
