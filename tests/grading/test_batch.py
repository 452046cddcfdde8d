"""A class graded by workers: the same scores as one by one, nothing twice, and nothing lost by a kill."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook

from airlock.grading import batch, isolation
from airlock.grading.pipeline import Graded, Pipeline, Submission
from tests.grading.conftest import Class, code, find

ROOT = Path(__file__).parents[2]
Cells = dict[str, tuple[float | None, bool, str | None]]


def _hand_in_all(school: Class) -> list[Submission]:
    """Correct, partly right, untouched; and one whose kernel ends."""
    half = school.solved()
    find(half, "task-9-1").source = "answer = 42.0"
    ends = school.solved()
    ends.cells.insert(ends.cells.index(find(ends, "task-9-2")), code("import os\nos._exit(1)"))
    notebooks = {"ada": school.solved(), "bob": half, "cyd": school.released(), "dan": ends}
    return [school.hand_in(name, notebook, f"{ord(name[0]):032x}") for name, notebook in notebooks.items()]


def _recorded(school: Class, learner: str) -> Cells:
    with Gradebook(f"sqlite:///{school.root}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook("lesson", "lesson-9", learner)
        cells: Cells = {grade.name: (grade.auto_score, grade.needs_manual_grade, None) for grade in found.grades}
        for comment in found.comments:
            score, by_hand, _ = cells.get(comment.name, (None, False, None))
            cells[comment.name] = (score, by_hand, comment.auto_comment)
    return cells


def _entries(school: Class) -> dict[str, int]:
    """When each hand-in was graded, by learner."""
    return {file.parent.name: file.stat().st_mtime_ns for file in (school.root / ".grading" / "graded").glob("*/*")}


def _scores(results: list[Graded]) -> dict[str, float | None]:
    return {each.submission.learner: each.score for each in results}


def test_a_worker_that_is_started_anew_judges_the_same(school: Class) -> None:
    ada = _hand_in_all(school)[0]
    there: Pipeline = pickle.loads(pickle.dumps(school.pipeline))
    assert school.pipeline.settle(ada, there.judge(ada)).score == 9.0
    assert there.feedback(ada) == ""


def test_nbgraders_own_lines_are_not_shown(school: Class, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)  # as Airflow has it in a worker that has judged with it
    assert school.pipeline.grade(_hand_in_all(school)[0]).score == 9.0
    assert not [record for record in caplog.records if record.name == "traitlets"]


def test_workers_give_what_nbgrader_gives_and_only_what_changed_is_graded_again(school: Class) -> None:
    submissions = _hand_in_all(school)
    told: list[batch.State] = []
    assert _scores(batch.grade(school.pipeline, submissions, 2, tell=told.append)) == {
        "ada": 9.0,
        "bob": 7.0,
        "cyd": 0.0,
        "dan": 2.0,
    }
    assert (told[-1].finished, told[-1].total) == (4, 4)
    assert max(len(state.now) for state in told) == 2

    # nbgrader's own converter, with the same judges, is the reference.
    ours = {learner: _recorded(school, learner) for learner in ("ada", "cyd")}
    for learner, cells in ours.items():
        assert school.pipeline._nbgrader.autograde("lesson-9", learner, force=True)["success"]
        assert _recorded(school, learner) == cells

    before = _entries(school)
    school.hand_in("cyd", school.solved(), f"{ord('c'):032x}")
    with Gradebook(f"sqlite:///{school.root}/gradebook.db") as gradebook:
        gradebook.find_grade("written-9-7", "lesson", "lesson-9", "ada").manual_score = 3
        gradebook.db.commit()
    results = batch.grade(school.pipeline, submissions, 2)
    assert [each.submission.learner for each in results if not each.kept] == ["cyd"]
    assert _scores(results) == {"ada": 12.0, "bob": 7.0, "cyd": 9.0, "dan": 2.0}
    after = _entries(school)
    assert after["bob"] == before["bob"]
    # What was marked by hand meanwhile is on the page, without grading anew.
    assert "Score: 12.0 / 13.0" in (school.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    assert not any(each.kept for each in batch.grade(school.pipeline, submissions[:1], 1, again=True))


def test_a_killed_command_goes_on_where_it_was(school: Class, tmp_path: Path) -> None:
    submissions = _hand_in_all(school)
    command = [sys.executable, "-m", "tests.grading.lone_command", "grade", "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not _entries(school):
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    family = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGKILL)
    running.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []

    before = _entries(school)
    assert 0 < len(before) < len(submissions)
    done = subprocess.run(
        [*command, "--to", str(tmp_path / "grades.csv")], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("graded before") + done.stdout.count("hand before") == len(before)
    lines = (tmp_path / "grades.csv").read_text().splitlines()[1:]
    assert {line.split(",")[0]: float(line.split(",")[2]) for line in lines} == {
        "ada": 9.0,
        "bob": 7.0,
        "cyd": 0.0,
        "dan": 2.0,
    }
    assert all((school.root / "feedback" / each.learner / "lesson-9" / "lesson.html").exists() for each in submissions)


@pytest.mark.parametrize("lessons", [(1, 2, 3), (4,), (3, 5)])
def test_lessons_that_restart_services_are_graded_alone(lessons: tuple[int, ...]) -> None:
    assert isolation.restarts_services(lessons) is bool({4, 5, 6} & set(lessons))
