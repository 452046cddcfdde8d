"""Answers to try on a task: correct ones, usual mistakes, cheats. Text files beside the lesson's source.

``cases/<task>/<name>.py`` begins with ``# expect: full``, ``# expect: partial``, ``# expect: fail <misconception>`` or
``# expect: cheat``; the rest replaces the answer cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from airlock.checks.report import Outcome, Report
from airlock.course.fault import BadSource, Fault
from airlock.course.layout import CASES, lesson_dir

_HEADER = re.compile(r"#\s*expect:\s*(full|partial|fail|cheat)\b[ \t]*([a-z0-9-]*)[ \t]*$")


class Expect(Enum):
    """What a case has to earn."""

    UNTOUCHED = "not attempted"
    FULL = "full"
    PARTIAL = "partial"
    FAIL = "fail"
    CHEAT = "cheat"


@dataclass(frozen=True)
class Case:
    """One answer to one task, and what it must come to. ``misconception`` may be empty for a partial answer."""

    task: str
    name: str
    file: Path
    expect: Expect
    body: str
    misconception: str = ""

    def wrong(self, report: Report) -> str:
        """How ``report`` differs from what this case has to come to; empty when it does not."""
        came = f"{report.outcome.value}, {report.earned:g} of {report.points:g} points"
        if report.outcome is Outcome.LAB_DOWN:
            return f"could not be judged: {report.saw}"
        if not self._earned_right(report):
            return f"expected {self.expect.value}, came to: {came}. The check saw: {report.saw}"
        if self.misconception and report.misconception != self.misconception:
            return f"expected misconception {self.misconception}, got {report.misconception}. It saw: {report.saw}"
        if report.outcome is Outcome.FAILED and not (report.saw and report.why and report.look):
            return "its report leaves out what was seen, why it matters or what to try."
        return ""

    def _earned_right(self, report: Report) -> bool:
        match self.expect:
            case Expect.UNTOUCHED:
                return report.outcome is Outcome.NOT_ATTEMPTED
            case Expect.FULL:
                return report.outcome is Outcome.PASSED and report.earned == report.points
            case Expect.PARTIAL:
                return 0 < report.earned < report.points
            case Expect.FAIL:
                return report.outcome is Outcome.FAILED and report.earned < report.points
            case Expect.CHEAT:
                return report.outcome is not Outcome.PASSED and report.earned == 0


def load(lesson: int) -> dict[str, list[Case]]:
    """The cases of a lesson, by task. Raises `BadSource` for a file without a header."""
    faults: list[Fault] = []
    found: dict[str, list[Case]] = {}
    for file in sorted((lesson_dir(lesson) / CASES).glob("*/*.py")):
        header, _, body = file.read_text(encoding="utf-8").partition("\n")
        match = _HEADER.match(header)
        if not match or (match[1] == "fail") > bool(match[2]):
            repair = "Begin with `# expect: full`, `partial`, `fail <misconception>` or `cheat`."
            faults.append(Fault("cases", file, 1, "the first line does not say what to expect.", repair))
            continue
        case = Case(file.parent.name, file.stem, file, Expect(match[1]), body, match[2])
        found.setdefault(case.task, []).append(case)
    if faults:
        raise BadSource(faults)
    return found


def too_few(file: Path, line: int, task: str, cases: list[Case]) -> Iterator[Fault]:
    """The cases that a task lacks: two other correct answers, three mistakes told apart, one cheat."""
    count = Counter(case.expect for case in cases)
    mistakes = {case.misconception for case in cases if case.expect is Expect.FAIL}
    for have, need, what in (
        (count[Expect.FULL], 2, "other correct answers"),
        (len(mistakes), 3, "mistakes with a misconception of their own"),
        (count[Expect.CHEAT], 1, "cheats"),
    ):
        if have < need:
            repair = f"Add files in {CASES}/{task}/."
            yield Fault("cases", file, line, f"task {task} has {have} of {need} {what}.", repair)
