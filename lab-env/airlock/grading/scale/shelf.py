"""What the machines that grade hand each other: files in ``.grading/scale/``, a folder that all of them see.

`hand_ins` puts down what was handed out, each mapped task its judged hand-in, `record` takes them from there. Every
file appears whole or not at all, so that a worker that dies leaves nothing half written to read.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from airlock.grading import journal
from airlock.grading.master import Master
from airlock.grading.pipeline import Graded
from airlock.grading.restore import Handed
from airlock.grading.submission import Submission
from airlock.grading.work import Worked


@dataclass(frozen=True)
class Result:
    """What one mapped task put down.

    Attributes:
        worked: what running and judging came to.
        key: `journal.key` of the hand-in that was judged.
        attempt: the folder below `attempts` that holds the judged notebooks.
        worker: which worker did it, on which machine, for people.
    """

    worked: Worked
    key: str
    attempt: str
    worker: str


def put_master(master: Master) -> None:
    """What was handed out, for workers that do not see the gradebook."""
    _write(_master(master.assignment), asdict(master))


def master(assignment: str) -> Master:
    """What `put_master` put down. Raises `FileNotFoundError`."""
    found = json.loads(_master(assignment).read_text())
    cells = {name: {each: Handed(**cell) for each, cell in known.items()} for name, known in found["cells"].items()}
    return Master(found["assignment"], cells, found["kernelspecs"])


def attempts(submission: Submission) -> Path:
    """Below it, every try of a hand-in judges in a folder of its own: a late one spoils nobody's."""
    return _folder() / "attempts" / submission.learner / submission.assignment


def put_result(submission: Submission, result: Result) -> None:
    """Put a result down, in place of an earlier one; the notebooks of earlier attempts go."""
    _write(_result(submission), asdict(result))
    for other in attempts(submission).glob("*"):
        if other.name != result.attempt:
            shutil.rmtree(other, ignore_errors=True)


def result(submission: Submission) -> Result | None:
    """What was put down for a hand-in; None when nothing was."""
    try:
        found = json.loads(_result(submission).read_text())
    except FileNotFoundError:
        return None
    worked = found.pop("worked")
    return Result(worked=Worked(**{**worked, "notes": tuple(worked["notes"])}), **found)


def clear(submission: Submission) -> None:
    """Take away what an earlier run has put down."""
    _result(submission).unlink(missing_ok=True)
    shutil.rmtree(attempts(submission), ignore_errors=True)


def put_summary(run_id: str, results: list[Graded]) -> None:
    """What a run came to, hand-in by hand-in."""
    _write(_summary(run_id), [asdict(each) for each in results])


def summary(run_id: str) -> list[Graded] | None:
    """What `put_summary` put down; None when the run did not come that far."""
    try:
        found: list[dict[str, Any]] = json.loads(_summary(run_id).read_text())
    except FileNotFoundError:
        return None
    return [
        Graded(**{**each, "submission": Submission(**each["submission"]), "notes": tuple(each["notes"])})
        for each in found
    ]


def _folder() -> Path:
    return journal.folder() / "scale"


def _master(assignment: str) -> Path:
    return _folder() / "masters" / f"{assignment}.json"


def _result(submission: Submission) -> Path:
    return _folder() / "results" / submission.learner / f"{submission.assignment}.json"


def _summary(run_id: str) -> Path:
    return _folder() / "summaries" / f"{run_id.replace('/', '_')}.json"


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(content))
    partial.replace(file)
