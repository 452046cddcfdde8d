"""The capstone, the second notebook of lesson 6, handed in and graded by nbgrader against the running lab."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed, View
from airlock.lab.deployment import generate, of
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "the-capstone"
TASKS = ("6.8", "6.9", "6.10")


@pytest.mark.lab
@pytest.mark.timeout(900)
def test_an_auditor_that_knows_one_deployment_by_heart_earns_nothing(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("solutions", "notebooks", "exercises", "lab-env"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    build.build()
    pipeline = Pipeline()
    pipeline.register("lesson-6")
    solved = nbformat.read(layout.instructor_dir() / "lesson-6" / f"{NAME}.ipynb", 4)
    seed = Seed("3" * 32)
    view = View(lab, seed)
    copied = sorted(generate(seed, of(view)).pairs)  # right for this learner's own deployment, and for no other
    find(solved, "task-6-8").source = f"def audit(deployment):\n    return {copied!r}"
    folder = tmp_path / "submitted" / "bob" / "lesson-6"
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{NAME}.ipynb")
    (folder / "learner.json").write_text(json.dumps({"seed": seed.hex}))
    points = sum(catalogue.find(task).points for task in TASKS)
    assert pipeline.grade(Submission("bob", "lesson-6")).score == points - catalogue.find("6.8").points
