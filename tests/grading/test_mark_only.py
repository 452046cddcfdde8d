"""Where hand-ins cannot be shut in, nbgrader finds none to run: formgrader's own button would."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.apps import NbGraderAPI

from airlock.grading.config import MARK_ONLY, settings
from tests.course.conftest import course, nobody  # noqa: F401 - fixtures
from tests.grading.conftest import Class, school  # noqa: F401 - fixtures


def test_a_hand_in_is_not_found_where_there_is_only_marking(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    school.hand_in("ada", school.released(), "a" * 32)
    assert NbGraderAPI(config=settings()).get_submitted_students("lesson-9") == {"ada"}
    monkeypatch.setenv(MARK_ONLY, "1")
    assert NbGraderAPI(config=settings()).get_submitted_students("lesson-9") == set()
    refused = NbGraderAPI(config=settings()).autograde("lesson-9", "ada")
    assert not refused["success"]
    assert "No notebooks were matched" in refused["error"]
    assert not (Path(school.root) / "autograded").exists()
