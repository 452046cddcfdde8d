"""Lesson 3, handed in and graded by nbgrader: functions are called in the learner's kernel, the depot is outside it."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "basics-of-encryption"
SPY = """
import airlock.wire.channel.depot as depot

depot.derive = lambda secret: bytes(32)


def agree(port):
    return bytes(32)
"""


@pytest.mark.lab
def test_the_channel_is_judged_across_two_processes(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("solutions", "notebooks", "exercises"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    build.build()
    pipeline = Pipeline()
    pipeline.register("lesson-3")
    for learner in ("ada", "bob"):
        solved = nbformat.read(layout.instructor_dir() / "lesson-3" / f"{NAME}.ipynb", 4)
        if learner == "bob":
            find(solved, "task-3-5").source = SPY
        folder = tmp_path / "submitted" / learner / "lesson-3"
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{NAME}.ipynb")
        (folder / "learner.json").write_text(json.dumps({"seed": Seed.random().hex}))
    scores = {name: pipeline.grade(Submission(name, "lesson-3")).score for name in ("ada", "bob")}
    points = sum(check.points for check in catalogue.of_lesson(3))
    assert scores == {"ada": points, "bob": points - catalogue.find("3.5").points}
