"""What the grids of experiments share: outcomes, a table that is written as a table, situations tried side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

from airlock.wire.loot import Loot

T = TypeVar("T")

Outcome = Literal["read", "safe", "refused"]
"""What becomes of a session: ``read`` (the attacker reads it, or gets what opens the next one), ``safe`` (it works, and
the attacker sees only encrypted bytes) or ``refused`` (the client does not get in, and the attacker gets nothing more).
"""


def outcome_of(gained: Loot, *, got_in: bool) -> Outcome:
    """The outcome of one experiment."""
    return "read" if gained.is_session else "safe" if got_in else "refused"


def read_table(text: str) -> tuple[tuple[str, ...], dict[tuple[str, str], str]]:
    """The situations in the table's head, and its cells by client and situation. Cells hold no spaces."""
    head, *body = [line.split() for line in text.strip().splitlines()]
    cells = {(client, situation): cell for client, *row in body for situation, cell in zip(head, row, strict=True)}
    return tuple(head), cells


def side_by_side(situations: Sequence[str], column: Callable[[str], list[T]]) -> list[T]:
    """All situations at once, each in a thread of its own; their results in the order of the situations."""
    with ThreadPoolExecutor(max_workers=max(1, len(situations))) as pool:
        return [result for results in pool.map(column, situations) for result in results]
