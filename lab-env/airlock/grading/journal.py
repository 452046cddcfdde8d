"""What has been graded, so that nothing is graded twice: one small file for each hand-in, written when all is recorded.

A hand-in counts as graded while its files, the lesson and the package that judged it are what they were, and while the
gradebook still has it. A run that was killed leaves files for what it had finished, and none for the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import airlock
from airlock import paths
from airlock.course import layout
from airlock.grading.submission import Submission


@dataclass(frozen=True)
class Entry:
    """One graded hand-in.

    Attributes:
        key: a digest of everything that the result follows from.
        notes: what the instructor was told.
        marks: a digest of the scores that its feedback page shows; empty while there is none.
        seconds: how long running and judging took.
    """

    key: str
    notes: tuple[str, ...]
    marks: str
    seconds: float


def folder() -> Path:
    """Where grading keeps its own files, beside the gradebook; for its owner alone."""
    found = paths.course_root() / ".grading"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def key(submission: Submission) -> str:
    """Digests of a hand-in's files and, after a space, of what judges them."""
    course = hashlib.sha256(_course(submission.assignment).encode()).hexdigest()
    return f"{_digest(submission.folder, submission.folder.rglob('*'))} {course}"


def same_files(one: str, other: str) -> bool:
    """Whether two keys are of the same files, whatever judges them."""
    return one.partition(" ")[0] == other.partition(" ")[0]


def entry(submission: Submission) -> Entry | None:
    """What was written down about a hand-in; None when nothing was, or nothing readable."""
    try:
        found = json.loads(_file(submission).read_text())
        return Entry(str(found["key"]), tuple(found["notes"]), str(found["marks"]), float(found["seconds"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(submission: Submission, graded: Entry) -> None:
    """Write it down: all of it, or nothing."""
    file = _file(submission)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(graded)))
    partial.replace(file)


def forget(submission: Submission) -> None:
    """As if it had never been graded."""
    _file(submission).unlink(missing_ok=True)


def _file(submission: Submission) -> Path:
    return folder() / "graded" / submission.learner / f"{submission.assignment}.json"


def _course(assignment: str) -> str:
    lesson = layout.instructor_dir() / assignment
    return f"{_digest(lesson, lesson.rglob('*'))} {_package()}"


@cache
def _package() -> str:
    package = Path(airlock.__file__).parent
    return _digest(package, package.rglob("*.py"))


def _digest(root: Path, files: Iterable[Path]) -> str:
    """Of the files' names and contents. A link counts as what it says, not as what it points to."""
    whole = hashlib.sha256()
    for file in sorted(files):
        if file.is_symlink():
            content = os.readlink(file).encode()
        elif file.is_file():
            content = hashlib.sha256(file.read_bytes()).digest()
        else:
            continue
        whole.update(repr((str(file.relative_to(root)), content)).encode())
    return whole.hexdigest()
