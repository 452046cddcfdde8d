"""The course contract over the real lessons and exercises, in the session's lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from airlock.lab import Lab
from tests.conftest import airlock


@pytest.mark.lab
@pytest.mark.timeout(1200)
def test_every_lesson_and_exercise_holds_the_contract(lab: Lab, lab_state: Path) -> None:
    done = airlock("verify", state=lab_state, timeout=1200)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
