"""Predictions, myths and flash cards: an answer is committed first, and kept."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from airlock.lesson import cards, flashcards, memory, myth, predict, progress, reveal
from airlock.lesson.errors import LessonError
from airlock.lesson.flashcards import Card, recall
from airlock.lesson.markup import plain

pytestmark = pytest.mark.usefixtures("state")

OPTIONS = {"a": "The secrets backend", "b": "The environment"}
TODAY = date(2026, 3, 1)


def test_a_prediction_is_shown_beside_what_was_observed(capsys: pytest.CaptureFixture[str]) -> None:
    predict("1-a", "Which home wins?", OPTIONS)
    assert 'commit="a"' in capsys.readouterr().out
    predict("1-a", "Which home wins?", OPTIONS, commit="b")
    assert "You answered: The environment." in capsys.readouterr().out
    reveal("1-a", observed="a", because="It is asked first.")
    shown = capsys.readouterr().out
    assert "Not as you predicted" in shown
    assert "Predicted: The environment." in shown
    assert "Observed:  The secrets backend." in shown
    assert "It is asked first." in shown


def test_a_revealed_prediction_stands(capsys: pytest.CaptureFixture[str]) -> None:
    predict("1-a", "?", OPTIONS, commit="b")
    reveal("1-a", observed="b")
    assert "As you predicted" in capsys.readouterr().out
    predict("1-a", "?", OPTIONS, commit="a")
    assert "You answered: The environment. It was revealed, so it stands." in capsys.readouterr().out


def test_running_a_lesson_twice_keeps_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    predict("1-a", "?", OPTIONS, commit="b")
    for _ in range(2):
        predict("1-a", "?", OPTIONS)
        reveal("1-a", observed="a")
    kept = progress.current().prediction("1-a")
    assert kept
    assert kept["answer"] == "b"
    assert capsys.readouterr().out.count("Not as you predicted") == 2


def test_a_reveal_without_a_prediction_says_so_and_does_not_fail(capsys: pytest.CaptureFixture[str]) -> None:
    predict("1-q", "?", OPTIONS)
    reveal("1-q", observed="a")
    shown = capsys.readouterr().out
    assert "No prediction was made" in shown
    assert "The secrets backend" in shown


def test_an_answer_that_is_none_is_one_line() -> None:
    with pytest.raises(LessonError, match="the answers are a, b"):
        predict("1-a", "?", OPTIONS, commit="z")
    with pytest.raises(LessonError, match='"yes" or "no"'):
        myth("1-x", "?", commit="maybe")


def test_a_myth_is_explained_only_after_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    myth("1-x", "Passwords are hidden.", truth=False, because="They are not.")
    assert "They are not." not in capsys.readouterr().out
    myth("1-x", "Passwords are hidden.", truth=False, because="They are not.", commit="yes")
    myth("1-x", "Passwords are hidden.", truth=False, because="They are not.", commit="no")
    shown = capsys.readouterr().out
    assert shown.count("A myth. You said yes.\nThey are not.") == 2


def test_a_known_card_waits_longer_each_time_and_an_unknown_one_comes_back_soon() -> None:
    card, day, gaps = Card("1/x", "?", "!"), TODAY, []
    for _ in range(6):
        again = flashcards.answer(card, True, day)
        gaps.append((again - day).days)
        day = again
    assert gaps == sorted(gaps)
    assert gaps[0] <= 3
    assert 20 < gaps[-1] <= memory.LONGEST
    forgotten = flashcards.answer(card, False, day)
    assert (forgotten - day).days < gaps[-1] / 4
    # It remembers that this one is hard: the way up is slower than it was the first time.
    slower = flashcards.answer(card, True, forgotten)
    assert (slower - forgotten).days < gaps[2]


def test_each_card_is_remembered_by_itself() -> None:
    known, missed = Card("1/known", "?", "!"), Card("1/missed", "?", "!")
    assert flashcards.answer(known, True, TODAY) > flashcards.answer(missed, False, TODAY)
    kept = progress.current().cards()
    assert kept["1/known"]["stability"] > kept["1/missed"]["stability"]
    assert kept["1/known"]["difficulty"] < kept["1/missed"]["difficulty"]


def test_a_card_known_before_its_day_stays_as_it_is() -> None:
    card = Card("1/x", "?", "!")
    again = flashcards.answer(card, True, TODAY)
    before = progress.current().cards()["1/x"]["stability"]
    assert flashcards.answer(card, True, TODAY) == again
    assert progress.current().cards()["1/x"]["stability"] == before


def test_a_card_from_the_time_of_five_boxes_keeps_its_day_and_then_begins_anew() -> None:
    card, due = Card("1/x", "?", "!"), TODAY + timedelta(days=8)
    progress.current().record_card("1/x", {"box": 4, "due": due.isoformat()})
    assert flashcards.answer(card, True, TODAY) == due
    assert flashcards.answer(card, True, due) > due


def test_recall_collects_what_is_due_in_the_lessons_that_were_begun(capsys: pytest.CaptureFixture[str]) -> None:
    recall()
    assert "nothing to recall yet" in capsys.readouterr().out
    store = progress.current()
    store.predict("2-a", "a", {"a": "x"})
    flashcards.answer(flashcards.deck(1)[0], True)
    recall()
    shown = capsys.readouterr().out
    assert flashcards.deck(2)[0].front.partition("`")[0] in shown
    assert plain(flashcards.deck(1)[1].front) in shown
    assert plain(flashcards.deck(1)[0].front) not in shown
    assert plain(flashcards.deck(3)[0].front) not in shown


def _decks(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "lesson-3.toml").write_text(text)
    monkeypatch.setattr(flashcards, "_DECKS", folder)


def test_cards_are_due_until_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = '[[card]]\nid = "{0}"\nfront = "Front {0}"\nback = "Back {0}"\n'
    _decks(tmp_path / "decks", monkeypatch, entry.format("one") + entry.format("two"))
    first, second = flashcards.due(3, TODAY)
    flashcards.answer(first, True, TODAY)
    assert flashcards.due(3, TODAY) == [second]
    assert len(flashcards.due(3, TODAY + timedelta(days=7))) == 2
    cards(3)
    shown = capsys.readouterr().out
    assert "Front two" in shown
    assert "Back" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "x = 1",
        '[[card]]\nid = "a"\n',
        '[[card]]\nid="a"\nfront="f"\nback="b"\n[[card]]\nid="a"\nfront="f"\nback="b"\n',
    ],
)
def test_a_faulty_deck_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    _decks(tmp_path / "decks", monkeypatch, text)
    with pytest.raises(LessonError, match=r"lesson-3\.toml"):
        flashcards.deck(3)


def test_a_lesson_without_cards_says_so() -> None:
    with pytest.raises(LessonError, match="no flash cards"):
        cards(99)


def test_the_decks_of_the_course_can_be_read() -> None:
    numbers = [int(file.stem.split("-")[1]) for file in flashcards._DECKS.glob("lesson-*.toml")]
    assert numbers
    for number in numbers:
        assert all(card.front and card.back for card in flashcards.deck(number))
