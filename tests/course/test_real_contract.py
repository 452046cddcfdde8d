"""The course contract over the real lessons and their exercises, in the worker's lab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airlock.course import layout
from airlock.course.contract import EXERCISES
from airlock.lab import Lab
from tests.conftest import airlock


def _parts() -> Iterator[tuple[int, str]]:
    for number in reversed(layout.lessons()):  # the later, the longer
        yield from ((number, source.name) for source in layout.read_lesson(number))
        yield number, EXERCISES


@pytest.mark.lab
@pytest.mark.contract
@pytest.mark.timeout(1900)
@pytest.mark.parametrize(("lesson", "part"), list(_parts()))
def test_a_lesson_and_its_exercises_hold_the_contract(lab: Lab, lab_state: Path, lesson: int, part: str) -> None:
    done = airlock("verify", "--lesson", str(lesson), "--part", part, state=lab_state, timeout=1800)
    assert done.returncode == 0, _complaints(done.stdout) + done.stderr[-2000:]


def _complaints(said: str) -> str:
    """What is not in order: a report that CI shortens must still show it."""
    return "\n".join(line for line in said.splitlines() if not line.startswith("holds") and "[warning" not in line)
