"""Lesson 4, handed in and graded by nbgrader against the running lab."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed, View
from airlock.lab.legacy import legacies
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "how-airflow-encrypts"


@pytest.mark.lab
@pytest.mark.timeout(600)
def test_a_neighbours_connections_earn_nothing(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("solutions", "notebooks", "exercises"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    build.build()
    pipeline = Pipeline()
    pipeline.register("lesson-4")
    solved = nbformat.read(layout.instructor_dir() / "lesson-4" / f"{NAME}.ipynb", 4)
    neighbours = [each.conn_id for each in legacies(View(lab, Seed.random())) if each.clear]
    find(solved, "task-4-1").source = f"in_clear = {neighbours!r}"
    folder = tmp_path / "submitted" / "bob" / "lesson-4"
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{NAME}.ipynb")
    (folder / "learner.json").write_text(json.dumps({"seed": Seed.random().hex}))
    points = sum(check.points for check in catalogue.of_lesson(4))
    assert pipeline.grade(Submission("bob", "lesson-4")).score == points - catalogue.find("4.1").points
