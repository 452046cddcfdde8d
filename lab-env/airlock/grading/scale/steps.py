"""The three steps of grading a class, as the DAG ``grade_class`` calls them: list, grade one, record all."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from pathlib import Path

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airlock import paths
from airlock.grading.scale.unit import NOT_THE_SAME

# Of the task's environment, what the grading of a hand-in needs. Nothing of Airflow's own.
_KEPT = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "AIRLOCK_ROOT", "AIRLOCK_STATE", "AIRLOCK_WORK")


def hand_ins(lesson: int | None, learners: list[str], again: bool) -> list[dict[str, str]]:
    """What is to be graded: what `./airlock grade` would grade. Writes the lessons into the gradebook.

    Returns:
        For each hand-in its ``learner``, ``assignment``, and ``key``, a digest of what is judged and what judges it.
    """
    from airlock.course import build
    from airlock.grading import journal
    from airlock.grading.pipeline import Pipeline
    from airlock.grading.scale import shelf

    pipeline = Pipeline()
    submissions = pipeline.submissions(lesson, learners)
    build.build()
    for assignment in sorted({each.assignment for each in submissions}):
        pipeline.register(assignment)
        shelf.put_master(pipeline.master(assignment))
    listed = []
    for each in submissions:
        if again or not pipeline.kept(each):
            shelf.clear(each)
            listed.append({"learner": each.learner, "assignment": each.assignment, "key": journal.key(each)})
    print(f"{len(listed)} of {len(submissions)} hand-ins are to be graded.")
    return listed


def grade(hand_in: dict[str, str], attempt: int) -> dict[str, str]:
    """Grade one hand-in of `hand_ins`, in a process that knows nothing of Airflow's; its result file is replaced.

    Raises:
        AirflowException: it could not be graded now, through no fault of the learner's: try again.
        AirflowFailException: trying again would not help.
    """
    learner, assignment, key = hand_in["learner"], hand_in["assignment"], hand_in["key"]
    worker = f"{os.environ.get('AIRLOCK_WORKER', 'worker')} on {socket.gethostname()}"
    words = [learner, assignment, key, f"{attempt}-{secrets.token_hex(4)}", worker]
    command = [sys.executable, "-m", "airlock.grading.scale.unit", *words]
    done = SubprocessHook().run_command(command, env=_environment(), cwd=str(paths.course_root()))
    if done.exit_code == NOT_THE_SAME:
        raise AirflowFailException(done.output)
    if done.exit_code:
        raise AirflowException(done.output or f"The grading of {learner}'s {assignment} ended without a word.")
    return {"learner": learner, "assignment": assignment, "worker": worker, "said": done.output}


def record(listed: list[dict[str, str]] | None, lesson: int | None, learners: list[str], run_id: str) -> None:
    """Write every result of `grade` into the gradebook, make feedback pages, and put the summary down.

    The only step that writes scores, and safe to run again.

    Raises:
        AirflowFailException: some hand-ins have no result; the message names them.
    """
    from airlock.grading.pipeline import Pipeline
    from airlock.grading.scale import collected

    if listed is None:
        raise AirflowFailException("Nothing was listed: see the log of the task hand_ins.")
    missing = collected.settle(Pipeline(), listed, lesson, learners, run_id)
    if missing:
        raise AirflowFailException(
            f"Not graded: {', '.join(missing)}. This is no zero. Their logs say why; clear these tasks, or grade again."
        )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    here = str(Path(sys.executable).parent)
    return {**kept, "PATH": os.pathsep.join([here, os.environ.get("PATH", os.defpath)]), "PYTHONWARNINGS": "ignore"}
