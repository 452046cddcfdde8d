"""The start page says what is there and how far the learner is, and JupyterLab trusts it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from airlock.checks.report import passed
from airlock.lesson import progress
from airlock.lesson.start_page import build_start_page
from airlock.lesson.syllabus import lessons, standing

pytestmark = pytest.mark.usefixtures("state", "tasks")

CELLS: list[tuple[str, str]] = [
    ("markdown", "# Title"),
    ("code", 'predict("1-a", "?", {"a": "x"})\npredict("1-b", "?", {})'),
    ("markdown", "Text\n\n## See for yourself"),
    ("code", 'watch("select 1")\nmyth("1-x", "?")'),
    ("markdown", "## Recall"),
    ("code", "cards(1)"),
]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder with lesson 1 and a course with one exercise of it."""
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path / "course"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    exercise = tmp_path / "course" / "exercises" / "lesson-1" / "shadowed"
    exercise.mkdir(parents=True)
    (exercise / "exercise.toml").write_text('title = "Fixed, and still broken"\n')
    lesson = tmp_path / "work" / "lesson-1"
    lesson.mkdir(parents=True)
    cells = [{"cell_type": kind, "source": source} for kind, source in CELLS]
    (lesson / "a connection.ipynb").write_text(json.dumps({"cells": cells}))
    return tmp_path / "work"


def _html(work: Path) -> str:
    notebook: Any = nbformat.read(build_start_page(work), as_version=4)
    nbformat.validate(notebook)
    shown: str = notebook.cells[1].outputs[0].data["text/html"]
    return shown


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&middot;", "").split())


def test_it_is_valid_signed_and_rerenders(work: Path) -> None:
    file = build_start_page(work)
    notebook: Any = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert NotebookNotary().check_signature(notebook)
    assert "start()" in notebook.cells[1].source


def test_lessons_that_do_not_exist_say_so(work: Path) -> None:
    words = _words(_html(work))
    assert "2 Why protect connection data foundation not in this release" in words
    assert "What is a connection in Airflow foundation 0 of 5 0 of 12 points 0 of 1" in words
    assert "Exam All tasks with fresh values, timed, without hints. not in this release" in words


def test_every_link_leads_to_something_in_the_work_folder(work: Path) -> None:
    html = _html(work)
    links = re.findall(r'href="([^"]+)"', html)
    assert links
    for target in links:
        assert not target.startswith(("/", "http"))
        assert (work / target.partition("#")[0].replace("%20", " ")).is_file()
    assert 'lesson-1/a%20connection.ipynb#Recall"' in html
    assert 'lesson-1/a%20connection.ipynb#See-for-yourself"' in html


def test_it_counts_what_the_learner_did(work: Path) -> None:
    store = progress.current()
    store.record_check(passed("x").labelled("1.1", "T", 4))
    store.predict("1-a", "a", {"a": "x"})
    store.record_myth("1-x", True)
    words = _words(_html(work))
    assert "1 of 5 4 of 12 points" in words
    assert "2 of 3 answered" in words
    assert "Task 1.2: After the first" in words


def test_after_the_tasks_come_exercises_then_cards_then_nothing(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = progress.current()
    for number in range(1, 6):
        store.record_check(passed("x").labelled(f"1.{number}", "T", 2))
    assert "All tasks are done. Now repair a deployment: Fixed, and still broken" in _words(_html(work))
    page = work / "exercises" / "lesson-1" / "shadowed" / "README.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Fixed, and still broken")
    assert "exercises/lesson-1/shadowed/README.md" in _html(work)
    store.record_exercise("lesson-1/shadowed")
    assert "Recall: 9 flash cards are due today" in _words(_html(work))
    monkeypatch.setattr("airlock.lesson.flashcards.due", lambda _: [])
    assert "Everything in this release is done" in _words(_html(work))


def test_a_copy_kept_under_another_name_counts_no_second_time(work: Path) -> None:
    """`docs/learners.md`: to have a lesson as it was, rename yours. The link leads to the new one, the count stays."""
    lesson, handed_out = work / "lesson-1", work.parent / "course" / "notebooks" / "lesson-1"
    handed_out.mkdir(parents=True)
    cells = json.dumps({"cells": [{"cell_type": "code", "source": 'check("1.1")'}]})
    for file in (lesson / "the-capstone.ipynb", lesson / "the-capstone-mine.ipynb", handed_out / "the-capstone.ipynb"):
        file.write_text(cells)
    html = _html(work)
    assert "capstone 0 of 1 passed" in _words(html)
    assert "with the capstone" in _words(html)
    assert "mine" not in html


def test_a_notebook_the_learner_broke_does_not_break_the_page(work: Path) -> None:
    (work / "lesson-1" / "a connection.ipynb").write_text("{ not json")
    assert "What is a connection in Airflow" in _html(work)


def test_an_empty_work_folder_has_a_page_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert _words(_html(tmp_path / "empty")).count("not in this release") > 6


@pytest.mark.parametrize(
    ("call", "keys"),
    [
        ("matrix()", ("5-matrix",)),
        ('matrix(\n    rule="hostssl",\n    key="5-tls",\n)', ("5-tls",)),
        ('matrix(predict={"require": {"downgrade": "refused"}})\nmatrix(rule="hostssl")', ("5-matrix",)),
    ],
)
def test_a_matrix_is_a_question_answered_by_its_first_prediction(work: Path, call: str, keys: tuple[str, ...]) -> None:
    file = work / "lesson-1" / "a connection.ipynb"
    file.write_text(json.dumps({"cells": [{"cell_type": "code", "source": call}]}))
    [lesson, *_] = lessons(work)
    assert lesson.questions == keys
    store = progress.current()
    store.record_cell("5-matrix", "a/b/host/scram", "safe", "", "")
    assert standing(lesson, store).answered == 0
    for key in keys:
        store.predict_cells(key, {"a/c/host/scram": "safe"})
    assert standing(lesson, store).answered == 1
