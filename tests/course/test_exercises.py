"""Exercises: the learner's copy, hints, reset, the reference after a pass, and their part of the contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from airlock.checks.report import Outcome
from airlock.cli import practice as commands
from airlock.cli.main import app
from airlock.course import contract, practice
from airlock.course.exercises import all_exercises, find
from airlock.course.fault import BadSource
from airlock.lab import View

MANIFEST = """\
title = "Greeting"
lesson = 9
summary = "It should greet."
files = ["greeting.txt"]
hints = ["Read it.", "A word is missing.", "It is hello."]
"""


@pytest.fixture
def exercise(course: Path, nobody: View, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of one exercise, whole."""
    assert nobody.lab.id == "none"
    folder = course / "exercises" / "lesson-9" / "greeting"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(MANIFEST)
    (folder / "greeting.txt").write_text("go away\n")
    (folder / "notes.md").write_text("Not to be edited.\n")
    reference = course / "solutions" / "exercises" / "lesson-9"
    for name, text in (("greeting", "hello\n"), ("greeting.alternatives/long", "well, hello\n")):
        (reference / name).mkdir(parents=True)
        (reference / name / "greeting.txt").write_text(text)
    monkeypatch.setattr(commands, "open_view", lambda _: None)
    monkeypatch.setattr(commands, "console", Console(width=100, highlight=False))
    return folder


def _airlock(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["practice", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.usefixtures("exercise")
def test_from_the_first_run_to_the_reference() -> None:
    code, said = _airlock()
    assert code == 1
    assert "It does not say hello." in said
    assert "Try next" in said
    greeting = find("greeting")
    assert (greeting.folder / "greeting.txt").read_text() == "go away\n"
    assert not (greeting.folder / "exercise.toml").exists()

    assert [_airlock("hint")[1].splitlines()[-1] for _ in range(4)] == [
        "Read it.",
        "A word is missing.",
        "It is hello.",
        "It is hello.",
    ]
    code, said = _airlock("solution", "greeting")
    assert (code, "hello\n+" in said) == (1, False)

    (greeting.folder / "greeting.txt").write_text("oh, hello\n")
    code, said = _airlock("greeting")
    assert (code, "PASSED" in said) == (0, True)
    assert practice.passed(greeting)
    assert practice.following() is None
    code, said = _airlock("solution", "greeting")
    assert code == 0
    assert "+hello" in said
    assert "-oh, hello" in said
    assert _airlock()[0] == 0


@pytest.mark.usefixtures("exercise")
def test_reset_keeps_what_the_learner_wrote() -> None:
    greeting = find("lesson-9/greeting")
    greeting.prepare()
    (greeting.folder / "greeting.txt").write_text("mine\n")
    (greeting.folder / "own.txt").write_text("also mine\n")
    assert greeting.prepare() is False
    assert (greeting.folder / "greeting.txt").read_text() == "mine\n"
    kept = practice.reset(greeting)
    assert kept is not None
    assert (kept / "greeting.txt").read_text() == "mine\n"
    assert (kept / "own.txt").read_text() == "also mine\n"
    assert (greeting.folder / "greeting.txt").read_text() == "go away\n"
    assert "as it was" in _airlock("reset", "--all")[1]
    assert _airlock("reset")[0] == 2


@pytest.mark.usefixtures("exercise")
def test_two_resets_in_one_second_lose_nothing() -> None:
    greeting = find("greeting")
    kept = []
    for text in ("one", "two"):
        greeting.prepare()
        (greeting.folder / "greeting.txt").write_text(text)
        kept.append(greeting.reset())
    assert [folder and (folder / "greeting.txt").read_text() for folder in kept] == ["one", "two"]


@pytest.mark.usefixtures("exercise")
def test_a_file_that_is_gone_is_a_report(nobody: View) -> None:
    greeting = find("greeting")
    greeting.prepare()
    (greeting.folder / "greeting.txt").unlink()
    report = greeting.judge(greeting.folder, nobody)
    assert report.outcome is Outcome.FAILED
    assert "greeting.txt" in report.saw


@pytest.mark.usefixtures("exercise")
def test_an_unknown_exercise_names_the_known() -> None:
    code, said = _airlock("nonsense")
    assert code == 2
    assert "lesson-9/greeting" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Greeting"', "", "'title'"),
        ("lesson = 9", "lesson = 8", "does not fit its folder"),
        ('"It is hello."]', "]", "not enough values"),
        ('"It is hello."]', '"Read it."]', "three different hints"),
        ('["greeting.txt"]', '["gone.txt"]', "no file gone.txt"),
        ('["greeting.txt"]', "[]", "nothing to edit"),
        ("title", "title title", "Expected"),
    ],
)
def test_a_wrong_manifest(exercise: Path, old: str, new: str, said: str) -> None:
    (exercise / "exercise.toml").write_text(MANIFEST.replace(old, new))
    with pytest.raises(BadSource) as caught:
        all_exercises()
    assert said in str(caught.value)
    assert caught.value.faults[0].file == exercise / "exercise.toml"


def test_the_contract_of_an_exercise(exercise: Path, course: Path, nobody: View) -> None:
    assert contract._repairable(find("greeting")).faults == ()
    assert contract._repaired(find("greeting"), nobody).faults == ()

    (exercise / "greeting.txt").write_text("hello\n")
    assert "untouched it should fail" in contract._repaired(find("greeting"), nobody).faults[0].what
    (exercise / "greeting.txt").write_text("go away\n")

    solutions = course / "solutions" / "exercises" / "lesson-9"
    (solutions / "greeting.alternatives" / "long" / "greeting.txt").write_text("good day\n")
    faults = contract._repaired(find("greeting"), nobody).faults
    assert [fault.file.name for fault in faults] == ["long"]

    (solutions / "greeting" / "greeting.txt").rename(solutions / "greeting" / "other.txt")
    said = " ".join(fault.what for fault in contract._repairable(find("greeting")).faults)
    assert "repairs none" in said
    assert "no file of this name" in said

    exercise.rename(exercise.with_name("silent"))
    assert "no judge" in contract._repairable(find("silent")).faults[0].what
