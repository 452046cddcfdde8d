"""Lesson 6, handed in and graded by nbgrader against the running lab."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed, View
from airlock.lab.breakdowns import causes
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "pitfalls"


@pytest.mark.lab
@pytest.mark.timeout(900)
def test_a_neighbours_breakdowns_earn_nothing(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("solutions", "notebooks", "exercises", "lab-env"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    build.build()
    pipeline = Pipeline()
    pipeline.register("lesson-6")
    solved = nbformat.read(layout.instructor_dir() / "lesson-6" / f"{NAME}.ipynb", 4)
    seed, neighbour = Seed("1" * 32), Seed("2" * 32)
    mine, others = causes(View(lab, seed)), causes(View(lab, neighbour))
    assert sum(mine[letter] != others[letter] for letter in mine) > 2, "more than partial credit allows"
    find(solved, "task-6-3").source = f"why = {others!r}"
    folder = tmp_path / "submitted" / "bob" / "lesson-6"
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{NAME}.ipynb")
    (folder / "learner.json").write_text(json.dumps({"seed": seed.hex}))
    here = {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in solved.cells}
    checks = [each for each in catalogue.of_lesson(6) if f"check-{each.task.replace('.', '-')}" in here]
    points = sum(check.points for check in checks)
    assert pipeline.grade(Submission("bob", "lesson-6")).score == points - catalogue.find("6.3").points
