"""When a flash card is due again: what FSRS expects to be left of it, in whole days.

`FSRS <https://github.com/open-spaced-repetition/py-fsrs>`_ keeps two numbers for each card, how stable the memory is
and how hard the card is for this learner. A card comes back on the day when it would still be known nine times of ten.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from airlock.lesson.progress import Record

RETENTION = 0.9
LONGEST = 180
"""Days. A course is forgotten in other ways after half a year."""


def answered(known: Record | None, knew: bool, today: date) -> Record:
    """What is to be kept of a card after an answer: ``{stability, difficulty, day, due}``, days as ISO dates.

    A card that was known before its day keeps everything: only a gap that was waited out says anything.
    """
    if known and knew and known["due"] > today.isoformat():
        return known
    # Quick, but a lesson that never turns a card has no need of it.
    from fsrs import Rating, Scheduler

    scheduler = Scheduler(
        desired_retention=RETENTION,
        learning_steps=(),  # no step within a day
        relearning_steps=(),
        maximum_interval=LONGEST,
        enable_fuzzing=False,
    )
    card, _ = scheduler.review_card(_card(known), Rating.Good if knew else Rating.Again, _noon(today))
    return {
        "stability": card.stability,
        "difficulty": card.difficulty,
        "day": today.isoformat(),
        "due": card.due.date().isoformat(),
    }


def _card(known: Record | None) -> Any:
    from fsrs import Card, State

    if not known or "stability" not in known:  # new, or from a time when cards lay in five boxes
        return Card(card_id=0)
    return Card(
        card_id=0,
        state=State.Review,
        stability=known["stability"],
        difficulty=known["difficulty"],
        due=_noon(date.fromisoformat(known["due"])),
        last_review=_noon(date.fromisoformat(known["day"])),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
