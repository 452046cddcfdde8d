"""An exam: which cells it has, its clock and what shows when somebody turns it back, and what a learner is told."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner

from airlock.checks import catalogue
from airlock.checks.report import Outcome
from airlock.cli.main import app
from airlock.course import exam, exam_result, layout
from airlock.course.exam_remarks import remarks
from airlock.course.source import Role
from airlock.lab import View, provision
from airlock.lab.sitting import SEEN, Sitting
from airlock.lesson import progress
from tests.course import throwaway

Reduced = Callable[[str], str]


@pytest.fixture
def reduced(source: Path) -> Reduced:
    """The text of the exam's cells, for a lesson's source."""

    def of(text: str) -> str:
        source.write_text(text)
        return "\n".join(cell.source for cell in exam.reduced(layout.read_lesson(9)[0]).cells)

    return of


def _with(cells: str) -> str:
    """The lesson with cells above its first task."""
    return throwaway.LESSON.replace('# %% task="9.1"', f'{cells}\n\n# %% task="9.1"', 1)


def test_it_has_the_tasks_and_nothing_that_teaches(reduced: Reduced) -> None:
    text = reduced(throwaway.LESSON)
    assert text.startswith("# Exam · A lesson for tests\n")
    for task in ("9.1", "9.2", "9.3", "9.4", "9.5"):
        assert f'check("{task}")' in text
    for call in ("predict(", "reveal(", "hints(", "myth(", "cards(", "The model", "Takeaways", "box.svg"):
        assert f"\n{call}" not in text
    assert "One point for naming the number" in text


@pytest.mark.parametrize(
    ("cells", "kept", "dropped"),
    [
        ("# %% [markdown]\n# ## A story\n#\n# ### 9.1 Say it\n#\n# Set `answer`.", "### 9.1 Say it", "## A story"),
        ('# %% [markdown] tags=["exam"]\n# ## A table that is needed', "A table that is needed", ""),
        ("# %%\nexperiment = 1\nprint(experiment)", 'check("9.1")', "experiment"),
        ("# %%\nbase = 3\n\n# %% [markdown]\n# ### 9.1 Say it\n#\n# Take `base` and double it.", "base = 3", ""),
        ("# %%\ndeep = 3\n\n# %%\ndef base():\n    inner = deep\n    return inner\n\n"
         "# %% [markdown]\n# ### 9.1 Say it\n#\n# Call `base()`.", "deep = 3", ""),
        ('# %% tags=["exam"]\nprint("switched on")', "switched on", ""),
        ('# %%\nprint("an experiment")', 'check("9.1")', "an experiment"),
        ("# %%\nsorted([])  # lab.watch.open()", "lab.watch.open()", ""),
        ('# %%\nsampled = sorted([])\nreveal("9-a", observed="a")', 'check("9.1")', "sampled"),
        ('# %% [markdown]\n# ### 9.1 Say it\n\n# %% tags=["alone"]\nincidents = 6', "incidents = 6", ""),
    ],
)  # fmt: skip
def test_which_cells_set_a_task_up(reduced: Reduced, cells: str, kept: str, dropped: str) -> None:
    text = reduced(_with(cells))
    assert kept in text
    assert not dropped or dropped not in text


@pytest.mark.parametrize("name", ["exam-8", "exam-9-9", "exam", "lesson-9", "exam-09x"])
def test_what_is_no_exam(course: Path, name: str) -> None:
    assert exam.lessons_of(name) is None
    assert exam.lessons_of("exam-9") == (9,)


@pytest.mark.usefixtures("nobody")
def test_a_sitting_from_its_beginning_to_the_hand_in(course: Path) -> None:
    sitting = exam.begin([9])
    assert sitting.minutes == exam.minutes_for([9]) == 30
    notebook: Any = nbformat.read(sitting.folder / "lesson.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "40 + 1 + 1" not in json.dumps(notebook)
    assert json.loads((sitting.folder / "learner.json").read_text())["seed"] == sitting.seed.hex
    with pytest.raises(exam.NoExam, match="is running, 29 minutes left"):
        exam.begin([9])
    with pytest.raises(exam.NoExam, match="is running"):
        next(exam_result.result(sitting))
    sitting.note(SEEN, task="9.1")
    archive = exam.hand_in(sitting)
    names = {"exam-9/lesson.ipynb", "exam-9/learner.json", "exam-9/exam.json", "exam-9/timestamp.txt"}
    assert set(zipfile.ZipFile(archive).namelist()) == names
    [time, *more] = remarks(sitting.folder)
    assert "in time" in time
    assert more == []
    done = Sitting.find(sitting.folder)
    assert done
    assert done.seen() == {"9.1"}
    with pytest.raises(exam.NoExam, match="already"):
        exam.hand_in(done)
    kept = progress.current().read()["exams"]["exam-9"]
    assert kept["receipt"] == done.receipt

    again = exam.begin([9], 5)
    assert again.seed != sitting.seed
    assert len(list((course / "work" / "past-exams").glob("exam-9-*/lesson.ipynb"))) == 1


def _turned(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> list[str]:
    file = folder / "exam.json"
    entries = json.loads(file.read_text())["entries"]
    change(entries)
    file.write_text(json.dumps({"entries": entries}))
    return remarks(folder)


def _later(entry: dict[str, Any], minutes: float) -> None:
    entry["at"] = (Sitting(Path(), (entry,)).begun + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def handed_in(nobody: View) -> Sitting:
    """A sitting of one minute, handed in."""
    sitting = exam.begin([9], 1)
    sitting.note(SEEN, task="9.1")
    exam.hand_in(sitting)
    done = Sitting.find(sitting.folder)
    assert done
    return done


def test_who_is_late_is_called_so(handed_in: Sitting) -> None:
    said = _turned(handed_in.folder, lambda entries: _later(entries[-1], 13))
    assert "LATE by 12 minutes" in said[0]
    assert "the machine's clock was set" in " ".join(said).lower()  # 13 minutes that the machine did not run


def test_a_later_beginning_is_another_exam(handed_in: Sitting) -> None:
    said = _turned(handed_in.folder, lambda entries: _later(entries[0], 0.5))
    changed = Sitting.find(handed_in.folder)
    assert changed
    assert changed.seed != handed_in.seed
    assert "The record of the clock was changed" in " ".join(said)
    assert changed.receipt == handed_in.receipt  # the last entry is as it was; the chain is what tells


def test_a_clock_that_was_turned_back_shows(handed_in: Sitting) -> None:
    assert "went back by 90 minutes" in " ".join(_turned(handed_in.folder, lambda entries: _later(entries[1], -90)))


def test_a_notebook_changed_after_the_hand_in_shows(handed_in: Sitting) -> None:
    file = handed_in.folder / "lesson.ipynb"
    file.write_text(file.read_text() + "\n")
    assert "Not as it was handed in: lesson.ipynb." in remarks(handed_in.folder)


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"entries": []}', '{"entries": [3]}', '{"entries": [{"what": "begun"}]}', "[" * 20_000,
     '{"entries": [{"what": "begun", "at": "2026-01-01T00:00:00", "up": 1, "lessons": [9], "minutes": 1}]}',
     '{"entries": [{"what": "begun", "at": "2026-01-01T00:00:00+00:00", "up": 1, "lessons": [9], "minutes": 1e99}]}'],
)  # fmt: skip
def test_a_record_that_is_none_is_said_and_breaks_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "exam.json").write_text(content)
    assert Sitting.find(tmp_path) is None
    assert "no readable exam.json" in remarks(tmp_path)[0]


def test_the_command_line(course: Path, nobody: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "open_view", lambda _: None)

    def airlock(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["exam", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, " ".join(done.output.split())

    assert "No exam was begun" in airlock("status")[1]
    assert airlock("hand-in", "--yes")[0] == 2
    assert airlock("start", "--lessons", "7") == (2, "There is no lesson 7; the lessons are 9.")
    assert airlock("start", "--lessons", "nine")[0] == 2
    code, said = airlock("start", "--lessons", "9", "--minutes", "20")
    assert (code, "19 minutes left" in said) == (0, True)
    assert "not yet: 9.1, 9.2, 9.3, 9.4, 9.5" in airlock("status")[1]
    assert airlock("hand-in", "--yes")[0] == 0
    assert "handed in" in airlock("status")[1]


def test_how_it_went(nobody: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam_result, "reset_view", lambda _: None)
    sitting = exam.begin([9])
    reference: Any = nbformat.read(layout.instructor_dir() / "exam-9" / "lesson.ipynb", as_version=4)
    nbformat.write(reference, sitting.folder / "lesson.ipynb")
    exam.hand_in(sitting)
    done = Sitting.find(sitting.folder)
    assert done
    reports = list(exam_result.result(done))
    assert [report.task for report in reports] == exam.tasks_of([9])
    assert all(report.earned == catalogue.find(report.task).points for report in reports)


def test_what_was_not_answered_is_not_to_be_filled_in_any_more(nobody: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam_result, "reset_view", lambda _: None)
    sitting = exam.begin([9])
    exam.hand_in(sitting)
    done = Sitting.find(sitting.folder)
    assert done
    untouched = [each for each in exam_result.result(done) if each.outcome is Outcome.NOT_ATTEMPTED]
    assert untouched
    assert {each.look for each in untouched} == {""}


def test_every_lesson_of_the_course_makes_an_exam() -> None:
    for number in layout.lessons():
        for source in layout.read_lesson(number):
            cells = exam.reduced(source).cells
            for role in (Role.ANSWER, Role.CHECK, Role.WRITTEN):
                assert [c.task for c in cells if c.role is role] == [c.task for c in source.find(role)]
            for cell in source.find(Role.CHECK):
                assert any(c.kind == "markdown" and f"### {cell.task} " in c.source for c in cells), cell.task
