"""Which ports a lab listens on: ones that nobody listens on, and that no other lab of this user has just chosen.

Between the choice of a port and the first connection to it lie seconds. Two labs that start side by side would each
find the same port free. So what was chosen is claimed for some minutes, in a file that all of this user's labs share.
Several users of one machine share no file that each could write. There, whoever starts the labs gives each user a range
of their own: ``AIRLOCK_PORTS=10000-10099`` (`airlock.cli.hub_learner`).
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from airlock.lab.description import LabDown

LOOPBACK = "127.0.0.1"
# Below every system's ephemeral range, so that an outgoing connection never takes a port between choice and use.
_RANGE = range(21000, 31000)
_CLAIMED = 600.0  # seconds; by then whatever it was chosen for listens


class Choice:
    """One lab's choice of ports, while no other lab of this user makes one. Make it with `choosing`."""

    def __init__(self, owner: str, claims: dict[str, tuple[str, float]]) -> None:
        self._owner = owner
        self._ports = allowed()
        self._untried = iter(random.sample(self._ports, len(self._ports)))
        self.claims = claims

    def claim(self, port: int) -> bool:
        """Take a port, if nobody listens there and no other lab has claimed it."""
        owner, _ = self.claims.get(str(port), (self._owner, 0.0))
        if owner != self._owner or not is_free(port):
            return False
        self.claims[str(port)] = (self._owner, time.time() + _CLAIMED)
        return True

    def give_back(self, ports: Iterable[int]) -> None:
        """Claim them no longer: what they were chosen for is gone."""
        for port in map(str, ports):
            if self.claims.get(port, ("", 0.0))[0] == self._owner:
                del self.claims[port]

    def another(self) -> int:
        """Take any port that this lab has not claimed before. Raises `LabDown` when there is none."""
        for port in self._untried:
            if str(port) not in self.claims and self.claim(port):
                return port
        first, last = self._ports[0], self._ports[-1]
        raise LabDown(
            f"All ports from {first} to {last} are in use, or claimed for up to ten minutes.",
            "./airlock down where another lab runs, or wait",
        )


def allowed() -> range:
    """The ports that a lab of this user may choose from. Raises `LabDown` where ``AIRLOCK_PORTS`` is no range."""
    given = os.environ.get("AIRLOCK_PORTS")
    if not given:
        return _RANGE
    if (match := re.fullmatch(r"(\d+)-(\d+)", given)) and (found := range(int(match[1]), int(match[2]) + 1)):
        return found
    raise LabDown(
        f"AIRLOCK_PORTS is {given!r}. It has to be the first and the last port, such as 21000-21099.",
        "unset AIRLOCK_PORTS",
    )


@contextmanager
def choosing(owner: str) -> Iterator[Choice]:
    """Choose ports for the block, alone. ``owner`` tells one lab from another."""
    with _file() as file:
        choice = Choice(owner, _unexpired(file))
        yield choice
        file.seek(0)
        file.truncate()
        json.dump(choice.claims, file)


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


@contextmanager
def _file() -> Iterator[TextIO]:
    path = Path(tempfile.gettempdir()) / f"airlock-ports-{os.getuid()}.json"
    # Anybody may have put something else there: a link is not followed.
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _unexpired(file: TextIO) -> dict[str, tuple[str, float]]:
    try:
        claims = json.load(file)
        return {port: (str(owner), until) for port, (owner, until) in claims.items() if until > time.time()}
    except (ValueError, TypeError, AttributeError):
        return {}  # new, or nothing that a lab has written
