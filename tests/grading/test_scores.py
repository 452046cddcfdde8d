"""The table of scores for an LMS, from a real gradebook."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from airlock.grading import scores


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two lessons; ada has done both, bob one and nothing right."""
    # nbgrader runs `alembic` by its name when it makes a gradebook.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    file = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{file}") as book:
        for lesson, learners in (("lesson-1", {"ada": 3.0, "=bob": 0.0}), ("lesson-2", {"ada": 1.5})):
            book.add_assignment(lesson)
            book.add_notebook("lesson", lesson)
            book.add_grade_cell("check", "lesson", lesson, max_score=4, cell_type="code")
            for learner, score in learners.items():
                book.update_or_create_student(learner)
                book.add_submission(lesson, learner)
                cell = book.find_grade("check", "lesson", lesson, learner)
                cell.auto_score = score
        book.db.commit()
    return file


def written(gradebook: Path, kind: str, roster: Path | None = None) -> list[list[str]]:
    to = gradebook.with_name("scores.csv")
    assert scores.write(gradebook, kind, to, roster) == 2
    return list(csv.reader(to.open(newline="")))


def test_moodle_gets_a_line_for_each_learner(gradebook: Path) -> None:
    assert written(gradebook, "moodle") == [
        ["username", "lesson-1", "lesson-2"],
        ["'=bob", "0", ""],
        ["ada", "3", "1.5"],
    ]


def test_canvas_gets_its_own_numbers(gradebook: Path, tmp_path: Path) -> None:
    roster = tmp_path / "canvas.csv"
    roster.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        '"Lovelace, Ada",11,s11,ada,A\n"Builder, Bob",12,s12,=bob,A\n'
    )
    assert written(gradebook, "canvas", roster) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "lesson-1", "lesson-2"],
        ["    Points Possible", "", "", "", "", "4", "4"],
        ["Builder, Bob", "12", "s12", "'=bob", "A", "0", ""],
        ["Lovelace, Ada", "11", "s11", "ada", "A", "3", "1.5"],
    ]


def test_a_learner_whom_canvas_does_not_know(gradebook: Path, tmp_path: Path) -> None:
    roster = tmp_path / "canvas.csv"
    roster.write_text('Student,ID,SIS User ID,SIS Login ID,Section\n"Lovelace, Ada",11,s11,ada,A\n')
    with pytest.raises(scores.UnknownLearners, match="=bob"):
        written(gradebook, "canvas", roster)


def test_nothing_was_graded(tmp_path: Path) -> None:
    with pytest.raises(scores.NoGradebook, match=r"airlock grade"):
        scores.write(tmp_path / "gradebook.db", "moodle", None)
    assert not (tmp_path / "gradebook.db").exists()
