"""One task graded anew: its score alone changes, whatever else the new run would give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from airlock.checks import catalogue
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.grading import batch
from airlock.grading.pipeline import Graded, Submission
from airlock.grading.some_tasks import SomeTasks
from tests.grading.conftest import Class, find


def scores(school: Class, learner: str) -> dict[str, tuple[float | None, float | None]]:
    """What nbgrader has for each graded cell: by a check, by hand."""
    with Gradebook(f"sqlite:///{school.root}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook("lesson", "lesson-9", learner)
        return {grade.name: (grade.auto_score, grade.manual_score) for grade in found.grades}


def regrade(school: Class, task: str, learners: str) -> dict[str, Graded]:
    pipeline = SomeTasks((task,), 10)
    pipeline.register("lesson-9")
    results = batch.grade(pipeline, [Submission(each, "lesson-9") for each in learners.split()])
    return {each.submission.learner: each for each in results}


def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on 9.1 takes 41 as well; and 9.2 takes nothing, which must not show."""

    def answer(world: World) -> Report:
        return passed("One of both.") if world.value("answer") in (41, 42) else failed("No.", "Why.", "Look.")

    def function(world: World) -> Report:
        return failed("Not any more.", "Why.", "Look.")

    for task, judge in (("9.1", answer), ("9.2", function)):
        monkeypatch.setitem(catalogue._CHECKS, task, _judged_by(catalogue._CHECKS[task], judge))


def _judged_by(check: catalogue.Check, judge: Any) -> catalogue.Check:
    return catalogue.Check(check.task, check.title, check.points, check.hints, judge, check.needs)


def test_a_mended_check_changes_one_score(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    short = school.solved()
    find(short, "task-9-1").source = "answer = 41"
    for learner in ("ada", "bob", "cyd"):
        school.hand_in(learner, short, f"{ord(learner[0]):032x}")
    first = batch.grade(school.pipeline, [Submission(each, "lesson-9") for each in ("ada", "bob", "cyd")])
    assert [each.score for each in first] == [6.0] * 3
    with Gradebook(f"sqlite:///{school.root}/gradebook.db") as gradebook:
        gradebook.find_grade("written-9-7", "lesson", "lesson-9", "ada").manual_score = 3
        gradebook.find_comment("written-9-7", "lesson", "lesson-9", "ada").manual_comment = "Well put."
        gradebook.find_grade("check-9-1", "lesson", "lesson-9", "bob").manual_score = 1
        gradebook.db.commit()
    before = {learner: scores(school, learner) for learner in ("ada", "bob", "cyd")}
    school.hand_in("cyd", school.released(), f"{ord('c'):032x}")  # not graded since
    school.hand_in("dan", short, f"{ord('d'):032x}")  # never graded

    mended(monkeypatch)
    results = regrade(school, "9.1", "ada bob cyd dan")
    assert {name: each.score for name, each in results.items()} == {"ada": 11.0, "bob": 7.0, "cyd": None, "dan": None}
    assert "Task 9.1 alone was graded anew" in results["ada"].notes[-1]
    assert results["ada"].notes[-1].endswith(": 2, before 0.")
    assert results["bob"].notes[-1].endswith(": 2, before 0. Your mark, 1, stays.")
    assert "handed in since" in results["cyd"].notes[0]
    assert "not been graded yet" in results["dan"].notes[0]
    assert scores(school, "ada") == before["ada"] | {"check-9-1": (2.0, None)}
    assert scores(school, "bob") == before["bob"] | {"check-9-1": (2.0, 1.0)}
    assert scores(school, "cyd") == before["cyd"]

    page = (school.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    for words in ("Score: 11.0 / 13.0", "One of both.", "Well put."):
        assert words in page
    for words in ("Not any more.", "It is one short."):
        assert words not in page

    # The other checks count as they were: the next run grades nobody whose hand-in is the same.
    kept = {each: school.pipeline.kept(Submission(each, "lesson-9")) for each in ("ada", "bob", "cyd")}
    assert [name for name, each in kept.items() if each] == ["ada", "bob"]
    again = regrade(school, "9.1", "ada")["ada"]
    assert [note for note in again.notes if "anew" in note] == [again.notes[-1]]
    assert again.notes[-1].endswith(": 2, before 2.")


def test_a_task_that_is_not_in_it(school: Class, tmp_path: Path) -> None:
    assert school.grade(school.solved()).score == 9.0
    result = regrade(school, "1.1", "ada")["ada"]
    assert (result.score, result.notes) == (9.0, ("It has no such task.",))
