"""The attackers, all of them: what each reads of a deployment as it is now, in bytes."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

from airlock.lab.deployment import shelves, wire
from airlock.lab.deployment.resolve import Found, resolved
from airlock.lab.deployment.work import Day
from airlock.lab.view import View


@dataclass(frozen=True, order=True)
class Theft:
    """What one attacker read of one victim.

    Attributes:
        attacker: a door of the wire, or one of `shelves.THIEVES`.
        victim: a connection's id, a login, ``vault`` or ``policy``.
        bytes: how many bytes of secret: passwords, tokens, statements, rows, answers.
        what: what they were, in a few words; never the secret.
    """

    attacker: str
    victim: str
    bytes: int
    what: str


Tell = Callable[[str, int, int], None]
"""Is told of each attacker that has finished: its name, the bytes it read, how many attackers are still at work."""


ATTACKERS = (*wire.DOORS, *shelves.THIEVES)
PROOF: dict[str, tuple[str, ...]] = {
    "never-encrypted": ("eavesdropper", "http-eavesdropper"),
    "may-fall-back": ("downgrade", "cleartext"),
    "not-verified": ("self-signed", "cleartext-forged", "http-self-signed"),
    "name-not-checked": ("wrong-host", "cleartext-wrong-host", "http-wrong-host"),
    "trusts-a-stranger": ("self-signed", "cleartext-forged", "http-self-signed"),
    "stored-in-clear": ("backup",),
    "secret-in-a-clear-column": ("backup",),
    "secret-in-the-environment": ("environment",),
    "copy-on-the-shared-mount": ("another team",),
    "server-takes-clear-text": ("old client",),
    "server-trusts-anybody": ("no password",),
    "vault-not-verified": ("false vault",),
    "policy-too-wide": ("stolen token",),
}
"""For each kind of fault the attackers who live off it."""


def raid(view: View, conn_ids: Iterable[str], day: Day, tell: Tell = lambda *_: None) -> list[Theft]:
    """Let all attackers loose; about five seconds.

    Args:
        view: whose deployment.
        conn_ids: the connections that are attacked on the wire.
        day: the working day whose log is read.
        tell: for progress.

    Raises:
        LabDown: a service does not answer.
    """
    with _quietly():
        found = [each for conn_id in conn_ids if (each := resolved(view, conn_id))]
        thefts: list[Theft] = []
        left = len(ATTACKERS)
        for attacker, loot in _everybody(view, found, day):
            left -= 1
            taken = [Theft(attacker, victim, size, what) for victim, size, what in loot if size]
            thefts += taken
            tell(attacker, sum(each.bytes for each in taken), left)
        return sorted(thefts)


def _everybody(view: View, found: list[Found], day: Day) -> Iterator[tuple[str, list[tuple[str, int, str]]]]:
    for thief, steal in shelves.THIEVES.items():
        yield thief, list(steal(shelves.Scene(view, found, day)))
    yield from wire.attack(view, found)


@contextmanager
def _quietly() -> Iterator[None]:
    """What hooks and backends say of a refusal is for a task's log. Here every refusal is good news."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(level)
