"""One client, every attacker: the same settings tried through each door, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from airlock.lab.description import LabDown, WireEndpoint
from airlock.lab.view import Login
from airlock.wire.captures import read
from airlock.wire.grid import side_by_side
from airlock.wire.loot import Loot, loot
from airlock.wire.matrix import Attempt, attempt


def attack(
    wire: WireEndpoint, login: Login, settings: Mapping[str, Any], doors: Collection[str] | None = None
) -> dict[str, Attempt]:
    """Log in once through each door, and read a few rows.

    Args:
        settings: libpq's, e.g. ``sslmode``. What they do not name, such as a root file in the home folder, is not used.
        doors: their names; all that record when left out.

    Raises:
        ValueError: there is no such door.
        LabDown: a door does not answer.
    """
    names = [name for name in wire.doors if name != "relay"] if doors is None else list(doors)
    if unknown := [name for name in names if name not in wire.doors]:
        raise ValueError(f"there is no door {unknown[0]!r}; the doors are {', '.join(wire.doors)}")
    tried = side_by_side(names, lambda door: [attempt(wire, login, door, settings)])
    result = dict(zip(names, tried, strict=True))
    for door, each in result.items():
        if each.error and not each.reason.decided:
            raise LabDown(f"The wire's {door} door did not answer ({each.reason.name}).")
    return result


def looted(wire: WireEndpoint, since: float) -> dict[str, Loot]:
    """What each door has read of the sessions that began from ``since`` on, in seconds since 1970."""
    recorded: dict[str, list[Any]] = {name: [] for name in wire.doors if name != "relay"}
    for file in Path(wire.captures).glob("*.jsonl"):
        if file.stat().st_mtime >= since and (connection := read(file)).began >= since:
            recorded.setdefault(connection.door, []).append(connection)
    return {door: loot(sorted(each, key=lambda one: one.began)) for door, each in recorded.items()}
