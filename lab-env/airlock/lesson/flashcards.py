"""Flash cards with spaced repetition: a new card is due at once, and comes back when it would soon be forgotten."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from airlock.lesson import memory, progress
from airlock.lesson.errors import LessonError
from airlock.lesson.markup import eyebrow, inline, muted, plain
from airlock.lesson.show import live, show_widget
from airlock.lesson.spoken import SAID

_DECKS = Path(__file__).parent / "decks"


@dataclass(frozen=True)
class Card:
    """One question and its answer. ``key`` is unique in the course, e.g. ``1/search-order``."""

    key: str
    front: str
    back: str

    @property
    def lesson(self) -> int:
        """The lesson it is about."""
        return int(self.key.partition("/")[0])


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
    """Keep an answer; returns the day the card is due again."""
    store = progress.current()
    kept = memory.answered(store.cards().get(card.key), knew, today or date.today())
    store.record_card(card.key, kept)
    return date.fromisoformat(kept["due"])


def cards(lesson: int) -> None:
    """Go through the flash cards of a lesson that are due. Raises `LessonError` when the lesson has none."""
    if not deck(lesson):
        raise LessonError(f"Lesson {lesson} has no flash cards.")
    _show((lesson,))


def recall() -> None:
    """Go through every card that is due today, of all lessons that were begun."""
    _show(tuple(begun()))


def begun() -> list[int]:
    """The lessons that have cards and in which the learner has done anything: only their cards come to be recalled."""
    store = progress.current()
    numbers = sorted(int(file.stem.removeprefix("lesson-")) for file in _DECKS.glob("lesson-*.toml"))
    return [number for number in numbers if store.begun(number)]


def _show(lessons: tuple[int, ...]) -> None:
    if live():
        show_widget(_Session(lessons).widget, _as_text(lessons))
    else:
        print(_as_text(lessons))


# A lesson ends with its cards. (A link in a widget is none: JupyterLab resolves those of plain output only.)
_AFTER = f'<div style="margin-top:6px">{muted("What comes next is on the start page, start.ipynb.")}</div>'


class _Session:
    """One sitting: the due cards, one after the other."""

    def __init__(self, lessons: tuple[int, ...]) -> None:
        from airlock.lesson import interactive

        self.lessons = lessons
        self.queue = [each for lesson in lessons for each in due(lesson)]
        self.total = len(self.queue)
        self.visible = interactive.visible
        self.text = interactive.html("")
        self.turn = interactive.button("Show answer", self._turn, primary=True)
        self.knew = interactive.button("I knew it", lambda: self._answer(True))
        self.missed = interactive.button("Not yet", lambda: self._answer(False))
        self.again = interactive.button("Go through all cards", self._restart)
        buttons = interactive.row(self.turn, self.knew, self.missed, self.again)
        self.widget = interactive.card(self.text, buttons)
        self.said = ""
        self._front()

    def _front(self) -> None:
        if self.queue:
            self._buttons(self.turn)
            self.text.value = self._face(f"<strong {SAID}>{inline(self.queue[0].front)}</strong>{self.said}")
            return
        self._buttons(*([self.again] if _all(self.lessons) else []))
        standing = f"<div {SAID}>{inline(_standing(self.lessons))}</div>"
        self.text.value = f"{eyebrow('FLASH CARDS')}{standing}{self.said}{_AFTER if len(self.lessons) == 1 else ''}"

    def _turn(self) -> None:
        card = self.queue[0]
        back = f'<div {SAID} style="margin-top:6px">{inline(card.back)}</div>'
        self.text.value = self._face(f"<strong>{inline(card.front)}</strong>{back}")
        self._buttons(self.knew, self.missed)
        self.knew.focus()

    def _answer(self, knew: bool) -> None:
        again = answer(self.queue.pop(0), knew)
        self.said = f'<div style="margin-top:6px">{muted(f"The last one comes back on {again:%A, %d %B}.")}</div>'
        self._front()
        (self.turn if self.queue else self.again).focus()

    def _restart(self) -> None:
        self.queue, self.said = _all(self.lessons), ""
        self.total = len(self.queue)
        self._front()
        self.turn.focus()

    def _face(self, content: str) -> str:
        number = self.total - len(self.queue) + 1
        of = f" · LESSON {self.queue[0].lesson}" if len(self.lessons) > 1 else ""
        return f'{eyebrow(f"FLASH CARD {number} OF {self.total}{of}")}<div style="min-height:3em">{content}</div>'

    def _buttons(self, *shown: Any) -> None:
        for each in (self.turn, self.knew, self.missed, self.again):
            self.visible(each, each in shown)


def _all(lessons: tuple[int, ...]) -> list[Card]:
    return [each for lesson in lessons for each in deck(lesson)]


def _as_text(lessons: tuple[int, ...]) -> str:
    named = f" of lesson {lessons[0]}" if len(lessons) == 1 else ""
    waiting = [f"  {plain(each.front)}" for lesson in lessons for each in due(lesson)]
    return "\n".join([f"Flash cards{named}. {plain(_standing(lessons))}", *waiting])


def _standing(lessons: tuple[int, ...]) -> str:
    if not lessons:
        return "There is nothing to recall yet: the cards of a lesson come here once you have begun it."
    if waiting := sum(len(due(lesson)) for lesson in lessons):
        return f"{waiting} of {len(_all(lessons))} are due."
    known = progress.current().cards()
    days = sorted(known[each.key]["due"] for each in _all(lessons) if each.key in known)
    return f"No card is due. The next is due on {date.fromisoformat(days[0]):%A, %d %B}."
