"""`check` and `hints`, without a notebook: the text a learner reads and what the cell does."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

import __main__
from airlock.lesson import check, checking, hints, progress
from airlock.lesson.errors import LessonError, NotEarned

pytestmark = pytest.mark.usefixtures("state", "tasks")


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The variables of the learner's notebook."""
    names: dict[str, Any] = {}
    monkeypatch.setattr(checking, "_variables", lambda: names)
    return names


def test_a_pass_returns_its_points_and_is_kept(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    notebook["uri"] = "p%40ss"
    assert check("1.1") == 4.0
    assert "[PASSED]  1.1  Build a URI  (4 of 4 points)" in capsys.readouterr().out
    assert progress.current().passed("1.1")


def test_partial_marks_do_not_raise(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    notebook.update(uri="%40", homes="vault")
    assert check("1.2") == 1.0
    assert "[PARTLY]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("task", "names", "outcome", "line"),
    [
        ("1.1", {"uri": "p@ss"}, "NOT YET", "Task 1.1: not passed yet."),
        ("1.1", {}, "NOT ATTEMPTED", "Task 1.1: not attempted yet."),
        ("1.2", {"uri": "p@ss"}, "BLOCKED", "Task 1.2: an earlier task comes first."),
        ("1.3", {}, "LAB IS DOWN", "Task 1.3: not judged"),
        ("1.5", {}, "LAB IS DOWN", "Task 1.5: not judged"),
    ],
)
def test_nothing_earned_is_a_report_and_one_line(
    notebook: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    task: str,
    names: dict[str, Any],
    outcome: str,
    line: str,
) -> None:
    notebook.update(names)
    with pytest.raises(NotEarned) as raised:
        check(task)
    printed = raised.value._render_traceback_()
    assert len(printed) == 1
    assert printed[0].startswith(line)
    assert f"[{outcome}]" in capsys.readouterr().out


def test_nothing_reaches_standard_error(notebook: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    def shout() -> str:
        print("on stderr", file=sys.stderr)
        logging.getLogger("airflow").warning("a warning")
        return "x"

    notebook["shout"] = shout
    assert check("1.4") == 2.0
    assert capfd.readouterr().err == ""
    assert logging.root.manager.disable == logging.NOTSET


def test_a_function_that_raises_gets_a_report(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    notebook["shout"] = lambda: 1 / 0
    with pytest.raises(NotEarned):
        check("1.4")
    assert "ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.parametrize("call", [check, hints])
def test_an_unknown_task_is_one_line_with_the_known_ones(call: Any) -> None:
    with pytest.raises(LessonError, match=r"no task '7\.7'.*1\.1, 1\.2") as raised:
        call("7.7")
    assert len(raised.value._render_traceback_()) == 1


def test_hints_come_one_by_one_in_text(capsys: pytest.CaptureFixture[str]) -> None:
    hints("1.1")
    assert "Look at" not in capsys.readouterr().out
    hints("1.1", 2)
    shown = capsys.readouterr().out
    assert "Hint 2: A URI gives it a meaning." in shown
    assert "quote" not in shown
    with pytest.raises(LessonError, match="three hints"):
        hints("1.1", 4)


def test_outside_a_notebook_the_variables_are_those_of_main(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "uri", "%40", raising=False)
    assert check("1.1") == 4.0
