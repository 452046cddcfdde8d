"""Flash cards with spaced repetition: five boxes, 1, 2, 4, 8 and 16 days apart (Leitner).

A card that was known moves up a box; one that was not goes back to the first. A new card is due at once.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from airlock.lesson import progress
from airlock.lesson.errors import LessonError
from airlock.lesson.markup import eyebrow, inline, plain
from airlock.lesson.show import shell, show_widget

DAYS = (1, 2, 4, 8, 16)
_DECKS = Path(__file__).parent / "decks"


@dataclass(frozen=True)
class Card:
    """One question and its answer. ``key`` is unique in the course, e.g. ``1/search-order``."""

    key: str
    front: str
    back: str


def deck(lesson: int) -> list[Card]:
    """The cards of a lesson, in order; empty when it has none. Raises `LessonError` for a faulty deck file."""
    file = _DECKS / f"lesson-{lesson}.toml"
    if not file.exists():
        return []
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))["card"]
        found = [Card(f"{lesson}/{entry['id']}", entry["front"], entry["back"]) for entry in entries]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise LessonError(f"{file} is not a deck of cards: {error!r}") from None
    if len({each.key for each in found}) < len(found):
        raise LessonError(f"{file} has two cards with the same id.")
    return found


def due(lesson: int, today: date | None = None) -> list[Card]:
    """The cards of a lesson to answer today."""
    day = (today or date.today()).isoformat()
    known = progress.current().cards()
    return [each for each in deck(lesson) if known.get(each.key, {"due": day})["due"] <= day]


def answer(card: Card, knew: bool, today: date | None = None) -> date:
    """Keep an answer; returns the day the card is due again.

    A card that was known before its day stays where it is: only a gap that was waited out says anything.
    """
    store = progress.current()
    day = today or date.today()
    known = store.cards().get(card.key, {"box": 0, "due": day.isoformat()})
    if knew and known["due"] > day.isoformat():
        return date.fromisoformat(known["due"])
    box = min(known["box"] + 1, len(DAYS)) if knew else 1
    again = day + timedelta(days=DAYS[box - 1])
    store.record_card(card.key, box, again.isoformat())
    return again


def cards(lesson: int) -> None:
    """Go through the flash cards of a lesson that are due. Raises `LessonError` when the lesson has none."""
    if not deck(lesson):
        raise LessonError(f"Lesson {lesson} has no flash cards.")
    if shell():
        show_widget(_Session(lesson).widget, _as_text(lesson))
    else:
        print(_as_text(lesson))


class _Session:
    """One sitting: the due cards, one after the other."""

    def __init__(self, lesson: int) -> None:
        from airlock.lesson import interactive

        self.lesson = lesson
        self.queue = due(lesson)
        self.total = len(self.queue)
        self.visible = interactive.visible
        self.text = interactive.html("")
        self.turn = interactive.button("Show answer", self._turn, primary=True)
        self.knew = interactive.button("I knew it", lambda: self._answer(True))
        self.missed = interactive.button("Not yet", lambda: self._answer(False))
        self.again = interactive.button("Go through all cards", self._restart)
        buttons = interactive.row(self.turn, self.knew, self.missed, self.again)
        self.widget = interactive.card(self.text, buttons)
        self._front()

    def _front(self) -> None:
        self._buttons(self.turn if self.queue else self.again)
        if not self.queue:
            self.text.value = f'{eyebrow("FLASH CARDS")}<div role="status">{inline(_standing(self.lesson))}</div>'
            return
        self.text.value = self._face(f"<strong>{inline(self.queue[0].front)}</strong>")

    def _turn(self) -> None:
        card = self.queue[0]
        back = f'<div role="status" style="margin-top:6px">{inline(card.back)}</div>'
        self.text.value = self._face(f"<strong>{inline(card.front)}</strong>{back}")
        self._buttons(self.knew, self.missed)
        self.knew.focus()

    def _answer(self, knew: bool) -> None:
        answer(self.queue.pop(0), knew)
        self._front()
        (self.turn if self.queue else self.again).focus()

    def _restart(self) -> None:
        self.queue = deck(self.lesson)
        self.total = len(self.queue)
        self._front()
        self.turn.focus()

    def _face(self, content: str) -> str:
        number = self.total - len(self.queue) + 1
        return f'{eyebrow(f"FLASH CARD {number} OF {self.total}")}<div style="min-height:3em">{content}</div>'

    def _buttons(self, *shown: Any) -> None:
        for each in (self.turn, self.knew, self.missed, self.again):
            self.visible(each, each in shown)


def _as_text(lesson: int) -> str:
    waiting = [f"  {plain(each.front)}" for each in due(lesson)]
    return "\n".join([f"Flash cards of lesson {lesson}. {plain(_standing(lesson))}", *waiting])


def _standing(lesson: int) -> str:
    waiting = len(due(lesson))
    if waiting:
        return f"{waiting} of {len(deck(lesson))} are due."
    known = progress.current().cards()
    days = sorted(known[each.key]["due"] for each in deck(lesson) if each.key in known)
    return f"No card is due. The next is due on {date.fromisoformat(days[0]):%A, %d %B}."
