"""Grading many hand-ins: workers run and judge, this process alone writes nbgrader's gradebook.

What was graded before and has not changed is left alone, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from airlock.checks import catalogue
from airlock.grading import isolation
from airlock.grading.pipeline import Graded, Pipeline
from airlock.grading.pool import Crashed, Job, Pool
from airlock.grading.submission import Submission, seed_of
from airlock.grading.work import Worked


@dataclass(frozen=True)
class State:
    """How far a run is: how many hand-ins there are to grade, how many are graded, and whose are being graded."""

    total: int
    finished: int
    now: tuple[Submission, ...]


Tell = Callable[[State], None]


def grade(
    pipeline: Pipeline,
    submissions: list[Submission],
    workers: int = 1,
    again: bool = False,
    tell: Tell = lambda _: None,
    pages: bool = True,
) -> list[Graded]:
    """Grade every submission that has changed since it was graded, or all of them ``again``.

    Args:
        pipeline: has all assignments of the submissions registered.
        workers: how many at a time; lessons that restart services of the lab are graded one by one all the same.
        tell: is called again and again, with how far it is.
        pages: whether feedback pages are made, of what was graded and of what was marked by hand since.

    Returns:
        One result for each submission, in their order.
    """
    results: dict[Submission, Graded] = {}
    pool = Pool(workers, partial(_do, pipeline))
    for each in submissions:
        if kept := None if again else pipeline.kept(each):
            results[each] = kept
            if pages and pipeline.feedback_is_old(each):
                pool.add(Job(_Page(each)))
        else:
            pool.add(_judging(each))
    total = len(submissions) - len(results)
    already = len(results)
    if total:
        catalogue.load()  # once, here: every worker is a fork
        isolation.warm()

    def tick() -> None:
        now = tuple(job.name for job in pool.running() if isinstance(job.name, Submission))
        tell(State(total, len(results) - already, now))

    tick()
    for job, result in pool.results(tick):
        if isinstance(job.name, Submission):
            results[job.name] = pipeline.settle(job.name, _as_worked(result))
            if pages and results[job.name].score is not None:
                pool.add(Job(_Page(job.name)))
        else:
            page: _Page = job.name
            problem = result.how if isinstance(result, Crashed) else result
            results[page.of] = pipeline.explained(results[page.of], problem)
        tick()
    return [results[each] for each in submissions]


@dataclass(frozen=True)
class _Page:
    """The feedback page of a graded hand-in, as a job."""

    of: Submission


def _judging(submission: Submission) -> Job:
    seed = seed_of(submission.folder)
    return Job(
        submission,
        frozenset({seed.hex.lower()} if seed else ()),  # the same personal values: the same part of the lab
        isolation.restarts_services(submission.lessons),
    )


def _do(pipeline: Pipeline, order: Submission | _Page) -> Worked | str:
    """In a worker, which writes no gradebook."""
    return pipeline.feedback(order.of) if isinstance(order, _Page) else pipeline.judge(order)


def _as_worked(result: Worked | Crashed) -> Worked:
    if isinstance(result, Crashed):
        return Worked((), put_off=f"Not graded: {result.how}. This is no zero. Grade again.")
    return result
