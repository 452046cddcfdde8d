"""Lesson 1, handed in and graded by nbgrader against the running lab."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from airlock.checks import catalogue
from airlock.course import build, layout
from airlock.grading.pipeline import Pipeline, Submission
from airlock.lab import Lab, Seed, View
from airlock.lab.postgres import connect_admin
from tests.grading.conftest import find

ROOT = Path(__file__).parents[2]
NAME = "what-is-a-connection"


@pytest.fixture
def course_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with the real lessons and no hand-ins yet."""
    for name in ("solutions", "notebooks", "exercises"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    return tmp_path


@pytest.mark.lab
def test_lesson_1_from_hand_in_to_feedback(lab: Lab, course_of_its_own: Path) -> None:
    build.build()
    pipeline = Pipeline()
    pipeline.register("lesson-1")
    solved = nbformat.read(layout.instructor_dir() / "lesson-1" / f"{NAME}.ipynb", 4)
    seeds = {"ada": Seed.random(), "bob": Seed.random()}
    answer = find(solved, "task-1-1")
    literal = View(lab, seeds["ada"])
    # A learner may type what belongs to their own lab; it is right for nobody else.
    answer.source = answer.source.replace("me.shop.password", repr(literal.shop.password)).replace(
        "me.shop.user", repr(literal.shop.user)
    )
    for learner, seed in seeds.items():
        folder = course_of_its_own / "submitted" / learner / "lesson-1"
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{NAME}.ipynb")
        (folder / "learner.json").write_text(json.dumps({"seed": seed.hex}))
    results = {name: pipeline.grade(Submission(name, "lesson-1")) for name in seeds}

    points = sum(check.points for check in catalogue.of_lesson(1))
    assert results["ada"].score == points
    assert results["ada"].by_hand
    assert results["bob"].score is not None
    assert 0 < results["bob"].score < points
    page = (course_of_its_own / "feedback" / "bob" / "lesson-1" / f"{NAME}.html").read_text()
    assert "[NOT YET]  1.1" in page
    assert View(lab, seeds["bob"]).shop.password not in page
    with connect_admin(lab, "postgres") as session:
        left = session.execute("select datname from pg_database where datname like 'shop\\_%'").fetchall()
    assert not {View(lab, seed).database for seed in seeds.values()} & {row[0] for row in left}
