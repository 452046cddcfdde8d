"""Lesson 2, handed in and graded by nbgrader against the running lab."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed, View
from airlock.lab.overheard import CLERK, login
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "why-protect-connection-data"


@pytest.mark.lab
def test_a_password_that_was_overheard_is_right_for_one_learner_only(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("solutions", "notebooks", "exercises"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    build.build()
    pipeline = Pipeline()
    pipeline.register("lesson-2")
    solved = nbformat.read(layout.instructor_dir() / "lesson-2" / f"{NAME}.ipynb", 4)
    seeds = {"ada": Seed.random(), "bob": Seed.random()}
    clerk = login(View(lab, seeds["ada"]), CLERK)
    find(solved, "task-2-1").source = f"stolen = ({clerk.user!r}, {clerk.password!r})"
    for learner, seed in seeds.items():
        folder = tmp_path / "submitted" / learner / "lesson-2"
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{NAME}.ipynb")
        (folder / "learner.json").write_text(json.dumps({"seed": seed.hex}))
    scores = {name: pipeline.grade(Submission(name, "lesson-2")).score for name in seeds}
    points = sum(check.points for check in catalogue.of_lesson(2))
    assert scores == {"ada": points, "bob": points - catalogue.find("2.1").points}
