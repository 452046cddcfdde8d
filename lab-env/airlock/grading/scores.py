"""The gradebook as a table that an LMS imports: a line for each learner, a column for each assignment.

Moodle takes any CSV and asks which column is what (docs.moodle.org, "Grade import"). Canvas takes only its own
headings, and a second line with the points that are possible (Canvas guides, "How do I import grades in the
Gradebook?").
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from nbgrader.api import Gradebook

_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


class NoGradebook(Exception):
    """Nothing has been graded yet."""


class UnknownLearners(Exception):
    """The LMS's own list does not have them; the message names them."""


def write(gradebook_file: Path, kind: str, to: Path | None, roster: Path | None = None) -> int:
    """Write the table; the number of learners in it.

    Args:
        kind: whose import it is for, ``moodle`` or ``canvas``.
        to: the CSV file; standard output when None.
        roster: Canvas's own export of the gradebook. Its names and numbers are taken, since Canvas finds a learner by
            them. The column ``SIS Login ID`` (or else ``Student``) is the learner's name in ``submitted/``.

    Raises:
        NoGradebook: there is no gradebook.
        UnknownLearners: somebody who was graded is not in ``roster``; nothing is written.
    """
    if not gradebook_file.exists():
        raise NoGradebook("There is no gradebook yet. ./airlock grade makes it from what is in submitted/.")
    with Gradebook(f"sqlite:///{gradebook_file}") as gradebook:
        points = {each.name: float(each.max_score) for each in sorted(gradebook.assignments, key=lambda a: str(a.name))}
        scores = _scores(gradebook)
    lines = [_line(learner, scores[learner], points) for learner in sorted(scores)]
    if kind == "moodle":
        table = [["username", *points], *lines]
    else:
        people = _people(roster, scores)
        table = [
            [*_CANVAS, *points],
            ["    Points Possible", "", "", "", "", *(f"{each:g}" for each in points.values())],
            *([*people[line[0]], *line[1:]] for line in lines),
        ]
    if to is None:
        _put(table, sys.stdout)
    else:
        with to.open("w", newline="", encoding="utf-8") as stream:
            _put(table, stream)
    return len(lines)


def _scores(gradebook: Any) -> dict[str, dict[str, float]]:
    """By learner and assignment, without what lateness costs."""
    scores: dict[str, dict[str, float]] = {}
    for assignment in gradebook.assignments:
        for each in assignment.submissions:
            scores.setdefault(each.student.id, {})[assignment.name] = float(each.score) - float(
                each.late_submission_penalty
            )
    return scores


def _line(learner: str, scores: Mapping[str, float], points: Mapping[str, float]) -> list[str]:
    # An empty field says "nothing handed in", which an LMS keeps apart from a zero.
    return [learner, *(f"{scores[name]:g}" if name in scores else "" for name in points)]


def _people(roster: Path | None, learners: Mapping[str, object]) -> dict[str, list[str]]:
    if roster is None:
        return {each: [each, "", "", each, ""] for each in learners}
    with roster.open(newline="", encoding="utf-8-sig") as stream:
        known = {(line.get("SIS Login ID") or line.get("Student") or ""): line for line in csv.DictReader(stream)}
    if missing := sorted(set(learners) - set(known)):
        raise UnknownLearners(f"{roster.name} does not have {', '.join(missing)} in the column SIS Login ID.")
    return {each: [known[each].get(heading) or "" for heading in _CANVAS] for each in learners}


def _put(table: list[list[str]], stream: TextIO) -> None:
    # A name is data: a spreadsheet must not take it for a formula.
    csv.writer(stream).writerows(
        [f"'{field}" if field[:1] in "=+@" and field else field for field in line] for line in table
    )
