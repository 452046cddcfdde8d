"""Lesson 5, handed in and graded by nbgrader against the running lab."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed, View
from airlock.lab.boards import own_board
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "configuring-tls"


def board_of_another(seed: Seed, lab: Lab) -> str:
    """A neighbour's answer to 5.5: his six cells, which are others."""
    mine = set(own_board(View(lab, seed)).questions)
    while mine == set(own_board(View(lab, other := Seed.random())).questions):
        pass
    return f"why = dict.fromkeys({own_board(View(lab, other)).questions!r}, 'untrusted')"


@pytest.mark.lab
@pytest.mark.timeout(600)
def test_full_marks_but_for_what_is_a_neighbours(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("solutions", "notebooks", "exercises", "lab-env"):  # a warehouse is set up from lab-env
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    build.build()
    pipeline, seed = Pipeline(), Seed.random()
    pipeline.register("lesson-5")
    solved = nbformat.read(layout.instructor_dir() / "lesson-5" / f"{NAME}.ipynb", 4)
    find(solved, "task-5-5").source = board_of_another(seed, lab)
    folder = tmp_path / "submitted" / "bob" / "lesson-5"
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{NAME}.ipynb")
    (folder / "learner.json").write_text(json.dumps({"seed": seed.hex}))
    points = sum(check.points for check in catalogue.of_lesson(5))
    assert pipeline.grade(Submission("bob", "lesson-5")).score == points - catalogue.find("5.5").points
