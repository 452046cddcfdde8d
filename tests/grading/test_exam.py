"""An exam graded by nbgrader: full marks for the reference, its own values only, and a word about the clock."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, exam, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab
from airlock.lab.sitting import Sitting
from tests.grading.conftest import Class, find

ROOT = Path(__file__).parents[2]


def _hand_in(root: Path, learner: str, sitting: Sitting) -> Submission:
    exam.hand_in(sitting)
    shutil.copytree(sitting.folder, root / "submitted" / learner / sitting.name)
    return Submission(learner, sitting.name)


def _solve(sitting: Sitting) -> None:
    """Every answer of the reference, in the learner's own notebooks."""
    for file in sitting.folder.glob("*.ipynb"):
        mine: Any = nbformat.read(file, as_version=4)
        reference: Any = nbformat.read(layout.instructor_dir() / sitting.name / file.name, as_version=4)
        for cell in mine.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name.startswith("task-"):
                cell.source = find(reference, name).source
            elif name.startswith("written-"):
                cell.source = "I would show a recording."
        nbformat.write(mine, file)


def test_it_is_an_assignment_like_any_other(school: Class) -> None:
    sitting = exam.begin([9])
    _solve(sitting)
    handed_in = _hand_in(school.root, "ada", sitting)
    school.pipeline.register("exam-9")
    graded = school.pipeline.grade(handed_in)
    assert graded.score == 9
    assert "in time" in graded.notes[0]
    assert school.pipeline.submissions() == [handed_in]
    assert school.pipeline.submissions(9, ["ada"]) == [handed_in]
    page = (school.root / "feedback" / "ada" / "exam-9" / "lesson.html").read_text()
    assert "It is the number." in page


def test_the_values_are_those_of_its_own_record(school: Class) -> None:
    sitting = exam.begin([9])
    _solve(sitting)
    handed_in = _hand_in(school.root, "eve", sitting)
    # Eve brings the seed of another world, in which she knows the answers.
    (handed_in.folder / "learner.json").write_text(json.dumps({"seed": "7" * 32}))
    cell = handed_in.folder / "lesson.ipynb"
    notebook: Any = nbformat.read(cell, as_version=4)
    find(notebook, "task-9-4").source = "from airlock.lab import Seed\nmine = Seed('7' * 32).number('mine', 1, 10**9)"
    nbformat.write(notebook, cell)
    school.pipeline.register("exam-9")
    graded = school.pipeline.grade(handed_in)
    assert graded.score == 9 - catalogue.find("9.4").points
    assert "Not as it was handed in: lesson.ipynb." in graded.notes


def test_without_a_record_it_is_graded_and_said(school: Class) -> None:
    sitting = exam.begin([9])
    handed_in = _hand_in(school.root, "ada", sitting)
    (handed_in.folder / "exam.json").unlink()
    school.pipeline.register("exam-9")
    graded = school.pipeline.grade(handed_in)
    assert graded.score == 0
    assert "no readable exam.json" in graded.notes[0]


@pytest.mark.lab
def test_two_lessons_with_fresh_values_and_the_reference_answers(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("solutions", "notebooks", "exercises"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    monkeypatch.setenv("AIRLOCK_WORK", str(tmp_path / "work"))
    build.build()
    sitting = exam.begin([2, 3])
    _solve(sitting)
    pipeline = Pipeline()
    pipeline.register(sitting.name)
    graded = pipeline.grade(_hand_in(tmp_path, "ada", sitting))
    assert graded.score == sum(check.points for lesson in (2, 3) for check in catalogue.of_lesson(lesson))
    assert graded.by_hand
    assert "in time" in graded.notes[0]
