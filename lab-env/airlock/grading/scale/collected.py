"""The results that mapped tasks put down, written into the gradebook by one process."""

from __future__ import annotations

import shutil

from airlock.grading import journal
from airlock.grading.pipeline import Graded, Pipeline, judged
from airlock.grading.scale import shelf
from airlock.grading.submission import Submission
from airlock.grading.work import Worked


def settle(
    pipeline: Pipeline, listed: list[dict[str, str]], lesson: int | None, learners: list[str], run_id: str
) -> list[str]:
    """Record what there is of ``listed``, renew feedback pages, and put the summary of the run down.

    Doing it again writes the same again: results stay where they are until the next run lists its hand-ins.

    Returns:
        The names of those that have no result.
    """
    keys = {Submission(each["learner"], each["assignment"]): each["key"] for each in listed}
    results, missing = [], []
    for submission in pipeline.submissions(lesson, learners):
        if submission in keys:
            graded = _settled(pipeline, submission, keys[submission])
        elif kept := pipeline.kept(submission):
            graded = kept
        else:
            continue  # handed in since the list was made
        if graded.score is not None and pipeline.feedback_is_old(submission):
            graded = pipeline.explained(graded, pipeline.feedback(submission))
        results.append(graded)
        if submission in keys and not shelf.result(submission):
            missing.append(f"{submission.learner} {submission.assignment}")
        print(_said(graded))
    shelf.put_summary(run_id, results)
    return missing


def _settled(pipeline: Pipeline, submission: Submission, key: str) -> Graded:
    found = shelf.result(submission)
    if found is None:
        why = "Not graded: its task has failed. This is no zero. The task's log says why; grade again."
        return pipeline.settle(submission, Worked((), put_off=why))
    if found.key != key or journal.key(submission) != key:
        why = "Not graded: it was handed in anew meanwhile. This is no zero. Grade again."
        return pipeline.settle(submission, Worked((), put_off=why))
    if not found.worked.refused:
        into = judged(submission)
        shutil.rmtree(into, ignore_errors=True)
        shutil.copytree(shelf.attempts(submission) / found.attempt, into)
    return pipeline.settle(submission, found.worked)


def _said(graded: Graded) -> str:
    score = "not graded" if graded.score is None else f"{graded.score:g} of {graded.points:g}"
    return " ".join([f"{graded.submission.learner} {graded.submission.assignment}: {score}.", *graded.notes])
