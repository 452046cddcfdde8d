"""What a service is to the lab: a program to keep running, and the steps around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from airlock.lab.ground import Ground


class Unhealthy(Exception):
    """A service does not answer as it should; the message says what was seen."""


@dataclass(frozen=True)
class Program:
    """What the supervisor runs and restarts."""

    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"


class Service:
    """One service. Subclasses override what they need.

    Attributes:
        name: short, also the name of its log.
        title: what ``status`` calls it.
        after: services that have to be settled before this one is prepared.
        ports: names of the ports it needs.
    """

    name: str
    title: str
    after: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()

    def program(self, ground: Ground) -> Program | None:
        """What to keep running; None for a step that only prepares."""
        raise NotImplementedError

    def spoiled(self, ground: Ground) -> bool:
        """Whether an earlier start left something that no longer can become a working service, even if it runs."""
        del ground
        return False

    def prepare(self, ground: Ground) -> None:
        """Files and data the program needs. Runs at every start, so it is idempotent."""

    def check(self, ground: Ground) -> None:
        """Raises `Unhealthy` until the service answers as its users need."""

    def settle(self, ground: Ground) -> None:
        """What can only be done once it answers. Idempotent."""
