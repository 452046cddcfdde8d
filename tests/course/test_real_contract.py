"""The course contract over the real lessons and their exercises, in the worker's lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from airlock.course import layout
from airlock.lab import Lab
from tests.conftest import airlock


@pytest.mark.lab
@pytest.mark.contract
@pytest.mark.timeout(1900)
@pytest.mark.parametrize("lesson", layout.lessons())
def test_a_lesson_and_its_exercises_hold_the_contract(lab: Lab, lab_state: Path, lesson: int) -> None:
    done = airlock("verify", "--lesson", str(lesson), state=lab_state, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
