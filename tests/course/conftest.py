"""A course in a temporary folder. No lab runs: what would reset a view in one does nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airlock.course import bench, layout, trials
from airlock.course.rules import Lesson
from airlock.lab import Lab, Seed, View
from airlock.lesson import flashcards
from tests.course import throwaway

Write = Callable[[str], None]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a small course that keeps its whole contract."""
    return write_course(tmp_path, monkeypatch)


def write_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `course` is, in a folder of any fixture's."""
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    monkeypatch.setenv("AIRLOCK_STATE", str(tmp_path / "a state"))
    monkeypatch.setenv("AIRLOCK_WORK", str(tmp_path / "work"))
    folder = tmp_path / "solutions" / "notebooks" / "lesson-9"
    folder.mkdir(parents=True)
    (folder / "lesson.py").write_text(throwaway.LESSON)
    (folder / "box.svg").write_text(throwaway.PICTURE)
    for name, text in throwaway.CASES.items():
        file = folder / "cases" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    decks = tmp_path / "decks"
    decks.mkdir()
    cards = "".join(f'[[card]]\nid = "c{number}"\nfront = "?"\nback = "!"\n' for number in range(6))
    (decks / "lesson-9.toml").write_text(cards)
    monkeypatch.setattr(flashcards, "_DECKS", decks)
    return tmp_path


@pytest.fixture
def source(course: Path) -> Path:
    """The lesson's source file."""
    return course / "solutions" / "notebooks" / "lesson-9" / "lesson.py"


@pytest.fixture
def lesson(source: Path) -> Callable[[str], Lesson]:
    """The lesson with a changed source, as the rules see it."""

    def read(text: str = throwaway.LESSON) -> Lesson:
        source.write_text(text)
        return Lesson(9, tuple(layout.read_lesson(9)), {"lesson": '{"cells": []}'})

    return read


@pytest.fixture
def nobody(course: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """A view that no service knows."""
    return view_of_nobody(course, monkeypatch)


def view_of_nobody(course: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """What `nobody` is, for a course of any fixture's."""

    @contextmanager
    def another(lab: Lab) -> Iterator[View]:
        yield View(lab, Seed.random())

    for module in (bench, trials):
        monkeypatch.setattr(module, "reset_view", lambda _: None)
    monkeypatch.setattr(trials, "scratch_view", another)
    monkeypatch.setenv("PYTHONPATH", str(Path(throwaway.__file__).parents[2]))
    lab = throwaway.lab(course / "a state")
    (course / "a state").mkdir()
    lab.write()
    return View(lab, Seed("0" * 32))
