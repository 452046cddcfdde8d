"""The course contract over the real lessons and exercises, in the session's lab."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from airlock.course import layout
from airlock.lab import Lab
from tests.conftest import airlock

# Two at a time, in this order: much of it is waiting. A lesson that restarts a part of Airflow (4) must not run
# beside one whose DAGs are watched (1, 2).
ABREAST = 2


@pytest.mark.lab
@pytest.mark.timeout(1500)
def test_every_lesson_and_exercise_holds_the_contract(lab: Lab, lab_state: Path) -> None:
    def verify(lesson: int) -> subprocess.CompletedProcess[str]:
        return airlock("verify", "--lesson", str(lesson), state=lab_state, timeout=900)

    lessons = layout.lessons()
    with ThreadPoolExecutor() as pool:
        for first in range(0, len(lessons), ABREAST):
            for done in pool.map(verify, lessons[first : first + ABREAST]):
                print(done.stdout)
                assert done.returncode == 0, done.stdout + done.stderr
