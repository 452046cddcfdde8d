"""`airlock build` and `airlock verify` as commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from airlock.cli import course as commands
from airlock.cli.main import app
from airlock.lab import Lab
from airlock.lab.description import LabDown
from tests.course.throwaway import LESSON


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "console", Console(width=160, highlight=False))


def _airlock(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_build_check_lists_what_is_stale(course: Path) -> None:
    code, said = _airlock("build", "--check")
    assert code == 1
    assert "notebooks/lesson-9/lesson.ipynb" in said
    assert _airlock("build")[0] == 0
    assert _airlock("build", "--check")[0] == 0
    (course / "notebooks" / "lesson-9" / "box.svg").write_text("edited")
    code, said = _airlock("build", "--check")
    assert (code, "box.svg" in said, "lesson.ipynb" in said) == (1, True, False)


def test_a_source_that_cannot_be_built(source: Path) -> None:
    source.write_text(LESSON.replace('task="9.1"', 'task="9.99"'))
    for words in (("build",), ("verify", "--no-lab")):
        code, said = _airlock(*words)
        assert code == 1
        assert "lesson.py:" in said
        assert "unknown task 9.99" in said


def test_verify_ends_with_a_summary_and_a_code(source: Path) -> None:
    _airlock("build")
    code, said = _airlock("verify", "--no-lab")
    assert code == 1  # cases of four tasks are missing, and task 9.6 has no cell
    assert "2 of" in said
    assert "task 9.2 has 0 of 3 mistakes" in said
    source.write_text(LESSON.replace("![A box that holds\n# the number.]", "![]"))
    code, said = _airlock("verify", "--no-lab")
    assert "no alt text" in said
    assert "notebooks/lesson-9/lesson.ipynb" in said


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lesson", "8"), "There is no lesson 8: they are 9."),
        (("--lesson", "9", "--part", "lessons"), "There is no part 'lessons': they are lesson, exercises."),
    ],
)
def test_a_contract_of_nothing_does_not_hold(words: tuple[str, ...], said: str) -> None:
    code, output = _airlock("verify", "--no-lab", *words)
    assert code == 2
    assert said in " ".join(output.replace("│", "").split())


def test_verify_one_task(source: Path, nobody: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from airlock.course import contract, trials

    monkeypatch.setattr(contract, "scratch_view", trials.scratch_view)
    code, said = _airlock("verify", "--task", "9.1")
    assert (code, "9.1  9 answers judged" in said) == (0, True), said
    assert "9.2" not in said
    (source.parent / "cases" / "9.1" / "short.py").write_text("# expect: full\nanswer = 41\n")
    code, said = _airlock("verify", "--task", "9.1")
    assert code == 1
    assert "short.py:1" in said
    assert nobody


@pytest.mark.usefixtures("course")
def test_verify_without_a_lab_says_so() -> None:
    with pytest.raises(LabDown):
        Lab.current()
    with pytest.raises(LabDown):
        _airlock("verify")
