"""What a check says while an exam runs, and whose values its notebooks have."""

from __future__ import annotations

from pathlib import Path

import pytest

from airlock.lab import Lab, View
from airlock.lab.sitting import HANDED_IN, Sitting
from airlock.lesson import checking, progress
from airlock.lesson.errors import LessonError, NotEarned
from airlock.lesson.start_page import build_start_page
from tests.course import throwaway

pytestmark = pytest.mark.usefixtures("state", "tasks")


@pytest.fixture
def sitting(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sitting:
    """A sitting, and this process in its folder as a kernel is."""
    begun = Sitting.begin(tmp_path / "work" / "exam-1", (1,), 40)
    monkeypatch.chdir(begun.folder)
    monkeypatch.setattr(Lab, "current", lambda *_: throwaway.lab(state))
    return begun


@pytest.mark.parametrize("uri", ["right%40", "wrong"])
def test_right_and_wrong_look_the_same(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], uri: str
) -> None:
    monkeypatch.setattr(checking, "_variables", lambda: {"uri": uri})
    assert checking.check("1.1") is None
    said = capsys.readouterr().out
    assert said.replace("39", "40") == (
        "[RECORDED]  1.1  Build a URI\nYour answer was seen. It is judged when the exam is graded.\n"
        "40 minutes left, 1 answer seen so far.\n"
    )
    now = Sitting.here()
    assert now
    assert now.seen() == {"1.1"}
    assert progress.current().check("1.1") is None


def test_blocked_does_not_tell_that_the_earlier_one_is_wrong(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "_variables", lambda: {"uri": "wrong", "homes": 1})
    checking.check("1.2")
    assert "[RECORDED]" in capsys.readouterr().out


def test_what_is_no_help_is_told(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "_variables", lambda: {"uri": ...})
    checking.check("1.1")
    checking.check("1.3")
    said = capsys.readouterr().out
    assert "[NOTHING RECORDED]" in said
    assert "[LAB IS DOWN]" in said
    now = Sitting.here()
    assert now
    assert not now.seen()
    with pytest.raises(LessonError, match="no hints in an exam"):
        checking.hints("1.1", 1)


def test_after_the_hand_in_checks_teach_again(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sitting.note(HANDED_IN)
    monkeypatch.setattr(checking, "_variables", lambda: {"uri": "wrong"})
    with pytest.raises(NotEarned):
        checking.check("1.1")
    assert "It does not." in capsys.readouterr().out
    assert progress.current().check("1.1") is None


def test_its_values_are_its_own(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    assert View.current().seed == sitting.seed
    monkeypatch.setenv("AIRLOCK_SEED", "1" * 32)
    assert View.current().seed.hex == "1" * 32
    monkeypatch.delenv("AIRLOCK_SEED")
    monkeypatch.chdir(sitting.folder.parent)
    assert View.current().seed != sitting.seed


def test_the_start_page_says_that_it_runs(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(sitting.folder / "jupyter"))
    assert "An exam is running" in build_start_page(sitting.folder.parent).read_text()
