"""A class graded by Airflow's Celery executor: two workers, one of which dies, and the scores of `./airlock grade`.

Everything is real: PostgreSQL, the broker, Airflow's components, the workers, the lab, the sandbox. Minutes long.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from airlock.course import build, layout
from airlock.grading import batch
from airlock.grading.pipeline import Graded, Pipeline, Submission
from airlock.grading.scale import run, services, shelf
from airlock.grading.scale.client import DAG, Client, Task
from airlock.lab import Lab
from airlock.lab.service import Unhealthy
from airlock.lab.supervisor import Supervisor
from tests.grading.conftest import code, find

ROOT = Path(__file__).parents[2]
NAME = "what-is-a-connection"
LEARNERS = ("ada", "bob", "cyd", "dan")
Cells = dict[str, dict[str, float | None]]

# What a hand-in sees of the deployment that grades it: names of variables, a file with its secrets, its broker.
SPY = """
import os, socket
print("SEEN", sorted(name for name in os.environ if "AIRFLOW" in name or "CELERY" in name or "REDIS" in name))
try:
    print("READ", open({configuration!r}).read()[:20])
except OSError as error:
    print("NOT READ", type(error).__name__)
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=5).close()
    print("REACHED")
except OSError as error:
    print("NOT REACHED", type(error).__name__)
"""


def _why_not() -> str:
    if os.environ.get("AIRLOCK_REQUIRE_SCALE") != "1":
        return "takes minutes, Airflow's Celery provider and a broker: asked for with AIRLOCK_REQUIRE_SCALE=1"
    if not services.installed():
        pytest.fail("Airflow's Celery provider is not installed: uv sync --inexact --group dev --group scale")
    try:
        services.broker_program()
    except Unhealthy as why:
        pytest.fail(str(why))
    return ""


def _course(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root of its own: the real lessons, no hand-ins yet."""
    root.mkdir()
    for name in ("solutions", "notebooks", "exercises", "lab-env"):
        (root / name).symlink_to(ROOT / name)
    monkeypatch.setenv("AIRLOCK_ROOT", str(root))
    return root


def _hand_in(root: Path, notebooks: dict[str, NotebookNode]) -> None:
    for number, (learner, notebook) in enumerate(notebooks.items(), 1):
        folder = root / "submitted" / learner / "lesson-1"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
        (folder / "learner.json").write_text(json.dumps({"seed": f"{number:032x}"}))


def _notebooks() -> dict[str, NotebookNode]:
    """Right, partly right, untouched, and right with a spy in it."""
    right: Any = nbformat.read(layout.instructor_dir() / "lesson-1" / f"{NAME}.ipynb", 4)
    untouched: Any = nbformat.read(layout.released_dir() / "lesson-1" / f"{NAME}.ipynb", 4)
    half, spying = copy.deepcopy(right), copy.deepcopy(right)
    find(half, "task-1-2").source = find(untouched, "task-1-2").source
    here = run.ground()
    configuration = str(here.folder("airflow") / "airflow.cfg")
    spying.cells.append(code(SPY.format(configuration=configuration, port=here.ports.get("broker", 0))))
    return dict(zip(LEARNERS, (right, half, untouched, spying), strict=True))


def _recorded(root: Path) -> Cells:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        found = {each.student.id: each for each in gradebook.find_assignment("lesson-1").submissions}
        assert set(found) == set(LEARNERS)
        return {
            learner: {grade.name: grade.auto_score for notebook in each.notebooks for grade in notebook.grades}
            for learner, each in found.items()
        }


def _units(worker: str) -> list[psutil.Process]:
    """The processes that grade a hand-in for a worker of that name."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "airlock.grading.scale.unit" in words and words[-1].startswith(f"{worker} "):
            found.append(process)
    return found


def _wait_until(true: Any, seconds: float = 400) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _kill_tree(process: psutil.Process) -> set[int]:
    """As a machine that is switched off: nothing of it says goodbye. Returns who is gone."""
    process.suspend()  # or it would replace a child
    tree = [*process.children(recursive=True), process]
    for each in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    gone, _ = psutil.wait_procs(tree, timeout=30)
    return {each.pid for each in gone}


@pytest.mark.lab
@pytest.mark.scale
@pytest.mark.timeout(2400)
def test_two_workers_one_of_which_dies_give_the_scores_of_one_process(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why := _why_not():
        pytest.skip(why)
    build.build()
    root = _course(tmp_path / "by workers", monkeypatch)
    results: list[Graded] = []
    with run.deployment(2, print) as client:
        notebooks = _notebooks()
        _hand_in(root, notebooks)
        grading = threading.Thread(target=lambda: results.extend(run.grade(client, tell=print)))
        grading.start()
        _wait_until(lambda: _units("worker-1") and _units("worker-2"))
        (unit,) = _units("worker-2")
        assert not {name for name in unit.environ() if "AIRFLOW" in name or "SUPERVISOR" in name}
        victim = unit.cmdline()[-5]
        pid = Supervisor(run.ground()).state("worker-2").pid
        assert unit.pid in _kill_tree(psutil.Process(pid))
        grading.join()
        runs = _tasks(client)
        _again(client, root, runs)

    assert {each.submission.learner: each.kept for each in results} == dict.fromkeys(LEARNERS, False)
    tries = {each.label.split()[0]: each.tries for each in runs if each.task_id == "grade"}
    assert tries == {**dict.fromkeys(LEARNERS, 1), victim: 2}
    assert os.stat(root / ".grading").st_mode & 0o077 == 0

    alone = _course(tmp_path / "alone", monkeypatch)
    _hand_in(alone, notebooks)
    pipeline = Pipeline()
    pipeline.register("lesson-1")
    reference = batch.grade(pipeline, pipeline.submissions(), workers=2)
    assert [(each.submission, each.score, each.by_hand, each.notes) for each in results] == [
        (each.submission, each.score, each.by_hand, each.notes) for each in reference
    ]
    assert _recorded(root) == _recorded(alone)

    # The spy sees what it sees of the variables in a hand-in that one process grades: the course's own.
    said, usual = _spied(root), _spied(alone)
    assert said[0] == usual[0]
    assert said[1] == "NOT READ FileNotFoundError"
    assert said[2].startswith("NOT REACHED")


def _spied(root: Path) -> list[str]:
    outputs = nbformat.read(root / "autograded" / "dan" / "lesson-1" / f"{NAME}.ipynb", 4).cells[-1].outputs
    return "".join(output.text for output in outputs).splitlines()


def _tasks(client: Client) -> list[Task]:
    (run_id,) = _run_ids(client)
    return client.tasks(run_id)


def _run_ids(client: Client) -> list[str]:
    return [each["dag_run_id"] for each in client._send("GET", f"/api/v2/dags/{DAG}/dagRuns")["dag_runs"]]


def _again(client: Client, root: Path, tasks: list[Task]) -> None:
    """One map index, cleared: its result is replaced, and nobody's score counts twice."""
    before, (run_id,) = _recorded(root), _run_ids(client)
    cleared = next(each for each in tasks if each.label.startswith("cyd "))
    earlier = shelf.result(Submission("cyd", "lesson-1"))
    client.clear(run_id, "grade", cleared.map_index)
    _wait_until(lambda: client.state(run_id) not in ("queued", "running"))
    later = shelf.result(Submission("cyd", "lesson-1"))
    assert earlier is not None
    assert later is not None
    assert later.attempt != earlier.attempt
    assert _recorded(root) == before
