"""The matrix as a board: which cells it has, what was predicted and observed of each, and how the two compare.

Pure: the progress store's records go in, sentences and counts come out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from airlock.lesson.errors import LessonError
from airlock.wire.grid import read_table
from airlock.wire.matrix import CLIENTS, CORE, SITUATIONS, Authentication, Outcome, ServerRule
from airlock.wire.refusals import reason

KEY = "5-matrix"
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One client in one situation, as far as it is known.

    Attributes:
        predicted, observed: None where there is none yet.
        error: the client's own words where it was refused.
        gained: what the attacker has of it, in a sentence.
    """

    client: str
    situation: str
    predicted: Outcome | None = None
    observed: Outcome | None = None
    error: str = ""
    gained: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether it came as predicted; None while either is missing."""
        return self.predicted == self.observed if self.predicted and self.observed else None

    @property
    def spoken(self) -> str:
        """What it says, in words."""
        guess = f"you predicted {self.predicted}" if self.predicted else "no prediction"
        if not self.observed:
            return guess
        verdict = {True: ", as observed", False: ", not as observed", None: ""}[self.agrees]
        return f"{self.observed}; {guess}{verdict}"


@dataclass(frozen=True)
class Board:
    """Rows, columns, and the server they are tried against. ``key`` is the matrix's id in the progress store.

    Raises:
        LessonError: a name is not one of the matrix's.
    """

    key: str = KEY
    rule: ServerRule = "host"
    authentication: Authentication = "scram"
    clients: Sequence[str] = tuple(CLIENTS)
    situations: Sequence[str] = CORE

    def __post_init__(self) -> None:
        _known("server rule", [self.rule], get_args(ServerRule))
        _known("authentication", [self.authentication], get_args(Authentication))
        _known("client", self.clients, tuple(CLIENTS))
        _known("situation", self.situations, SITUATIONS)
        if not self.clients or not self.situations:
            raise LessonError("A matrix needs a client and a situation.")

    @property
    def places(self) -> list[tuple[str, str]]:
        """Client and situation of every cell, row by row."""
        return [(client, situation) for client in self.clients for situation in self.situations]

    @property
    def server(self) -> str:
        """The server, in words."""
        tls = "demands TLS" if self.rule == "hostssl" else "takes TLS or clear text"
        how = {"scram": "SCRAM", "md5": "md5", "password": "the password itself"}[self.authentication]
        return f"The server {tls} (`{self.rule}`) and asks for {how}."

    def name(self, client: str, situation: str) -> str:
        """A cell's name in the progress store."""
        return f"{client}/{situation}/{self.rule}/{self.authentication}"

    def cells(self, records: Records) -> list[Cell]:
        """Every cell, row by row, with what the records say of it."""
        return [self._cell(client, situation, records) for client, situation in self.places]

    def answers(self, predict: Mapping[str, Mapping[str, str]] | str) -> dict[str, Outcome]:
        """Predictions by client and situation, or written as a table, as ``{name: outcome}``.

        Raises:
            LessonError: a row, a column or an outcome that this board does not have, or a row out of step.
        """
        named: dict[str, Outcome] = {}
        for client, row in (_rows(predict) if isinstance(predict, str) else predict).items():
            _known("client", [client], self.clients)
            for situation, outcome in row.items():
                _known("situation", [situation], self.situations)
                _known("outcome", [outcome], OUTCOMES)
                named[self.name(client, situation)] = cast(Outcome, outcome)
        return named

    def _cell(self, client: str, situation: str, records: Records) -> Cell:
        known = records.get(self.name(client, situation), {})
        return Cell(
            client,
            situation,
            known.get("predicted"),
            known.get("observed"),
            known.get("error", ""),
            known.get("gained", ""),
        )


def _rows(table: str) -> dict[str, dict[str, str]]:
    """Predictions written as a table, without those that are still open."""
    try:
        _, cells = read_table(table)
    except ValueError:
        raise LessonError("A row of the table has more or fewer cells than its head has situations.") from None
    rows: dict[str, dict[str, str]] = {}
    for (client, situation), outcome in cells.items():
        if outcome != "?":
            rows.setdefault(client, {})[situation] = outcome
    return rows


def counted(cells: Sequence[Cell]) -> str:
    """How many were predicted, and how many of them came so."""
    predicted = [cell for cell in cells if cell.predicted]
    run = [cell for cell in predicted if cell.observed]
    said = f"You predicted {len(predicted) or 'none'} of {len(cells)}"
    if not run:
        return f"{said}."
    waiting = f", {len(predicted) - len(run)} not run yet" if len(run) < len(predicted) else ""
    return f"{said}: {sum(cell.agrees is True for cell in run)} as observed{waiting}."


def because(cell: Cell) -> str:
    """Why an observed cell ended as it did, in one line."""
    if cell.observed != "refused":
        return cell.gained
    why = reason(cell.error)
    return f"{why.name[0].upper()}{why.name[1:]}. {why.because}"


def _known(what: str, names: Sequence[str], possible: Sequence[str]) -> None:
    for name in names:
        if name not in possible:
            raise LessonError(f"The matrix has no {what} {name!r}; it has {', '.join(possible)}.")
