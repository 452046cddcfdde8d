"""One hand-in as a command, ``unit LEARNER ASSIGNMENT KEY ATTEMPT WORKER``: what a mapped task runs.

A process of its own, as `./airlock grade` forks one: the judges import Airflow and set connections in their
environment, and inside of a task Airflow would answer them from the deployment that grades.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from airlock import paths
from airlock.course import build, exam, layout
from airlock.course.kernel import CELL_SECONDS
from airlock.grading import isolation, journal
from airlock.grading.scale import shelf
from airlock.grading.submission import Submission, seed_of
from airlock.grading.work import work
from airlock.lab.ground import Ground
from airlock.lab.kernel_calls import end_with_parent

PUT_OFF, NOT_THE_SAME = 75, 65  # exit codes, of sysexits.h: try again; what was given is wrong


def main(words: list[str]) -> int:
    """Grade it and put the result down; the last line printed says what came of it."""
    learner, assignment, key, attempt, worker = words
    submission = Submission(learner, assignment)
    _end_with_parent()
    with _turn(submission):
        _build(submission)
        if journal.key(submission) != key:
            print(
                f"{learner}'s {assignment} is not what was listed: it was handed in anew since, or this machine has "
                "another version of the course. Update the clone, then grade again."
            )
            return NOT_THE_SAME
        print(isolation.told(assignment))
        into = shelf.attempts(submission) / attempt
        worked = work(submission, shelf.master(assignment), into, CELL_SECONDS)
    for note in worked.notes:
        print(note)
    if worked.put_off:
        print(worked.put_off)
        return PUT_OFF
    shelf.put_result(submission, shelf.Result(worked, key, attempt, worker))
    print(worked.refused or f"Judged in {worked.seconds:.1f} s.")
    return 0


def _end_with_parent() -> None:
    """A task that Airflow has given up must not go on in the lab."""
    if sys.platform == "linux":
        parent = os.getppid()
        end_with_parent()
        if os.getppid() != parent:
            sys.exit(PUT_OFF)


@contextmanager
def _turn(submission: Submission) -> Iterator[None]:
    """Wait until no other worker of this machine is in the way, by the rules of `airlock.grading.batch`.

    Hand-ins that restart services have the lab alone; two with the same personal values have the same part of it.
    The locks lie where no hand-in sees them.
    """
    folder = Ground.prepare().folder("course", "turns")
    seed = seed_of(submission.folder)
    alone = isolation.restarts_services(submission.lessons)
    with ExitStack() as held:
        for name, kind in (("lab", fcntl.LOCK_EX if alone else fcntl.LOCK_SH), (seed and seed.hex, fcntl.LOCK_EX)):
            if name:
                handle = held.enter_context((folder / name.lower()).open("w"))
                fcntl.flock(handle, kind)
        yield


def _build(submission: Submission) -> None:
    """A worker with a state folder of its own makes the instructor's files itself, once."""
    if (layout.instructor_dir() / submission.assignment).exists():
        return
    with (paths.state_dir() / "course" / "turns" / "build").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        build.build()
        if exam.lessons_of(submission.assignment):
            exam.write_instructors(submission.assignment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
