"""A hand-in that cannot be graded leaves nothing of an earlier one's score."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from airlock.grading import batch
from tests.grading.conftest import Class

Spoil = Callable[[Path], object]


def _linked(notebook: Path) -> None:
    kept = notebook.with_name("kept.txt")
    notebook.rename(kept)
    notebook.symlink_to(kept)


SPOILT: dict[str, Spoil] = {
    "no JSON": lambda notebook: notebook.write_text("{not json"),
    "no notebook": lambda notebook: notebook.unlink(),
    "no text": lambda notebook: notebook.write_bytes(b"\xff\xfe\x00{"),
    "another name": lambda notebook: notebook.rename(notebook.with_name("final version.ipynb")),
    "cells that are none": lambda notebook: notebook.write_text('{"nbformat": 4, "nbformat_minor": 5, "cells": 7}'),
    "a link": _linked,
}


def test_the_score_of_an_earlier_hand_in_does_not_stay(school: Class) -> None:
    solved = school.solved()
    assert school.grade(solved).score == 9.0
    executed = {"lesson": school.graded()}
    folder = school.root / "submitted" / "ada" / "lesson-9"
    for how, spoil in SPOILT.items():
        submission = school.hand_in("ada", solved)
        school.pipeline._recorder.record(submission, executed)
        spoil(folder / "lesson.ipynb")
        graded = school.pipeline.grade(submission)
        assert graded.score is None, how
        assert "The score of an earlier hand-in, 9, has been taken out of the gradebook." in graded.notes, how
        school.pipeline.export(school.root / "grades.csv")
        assert "ada" not in (school.root / "grades.csv").read_text(), how
        assert not (school.root / "feedback" / "ada" / "lesson-9").exists(), how
        assert batch.grade(school.pipeline, [submission])[0].score is None, how
        shutil.rmtree(folder)
