"""`lab.deployment`: a learner's own broken deployment, as the capstone's notebook uses it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from airlock.lab import View
from airlock.lab.deployment import generate, of, planted, rules
from airlock.lab.deployment.snapshot import snapshot
from airlock.lesson import raid_view
from airlock.lesson.show import Slot, shell, show

# What the hooks say on the way is for a task's log. They read this once, when Airflow is first imported.
_QUIET = {"AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}


class YourDeployment:
    """Connections, their homes and their servers' rules: yours to repair, and to break again."""

    def __init__(self, view: View) -> None:
        self._view = view

    def open(self) -> None:
        """Put your deployment into the lab, unless it is there. What you have repaired stays."""
        if not planted.is_planted(self._view):
            planted.plant(self._view)
        self._say("is in the lab")

    def reset(self) -> None:
        """Put it back to how it was at the beginning. What you have repaired is broken again."""
        planted.plant(self._view)
        self._say("is broken again, as at the beginning")

    def describe(self) -> dict[str, Any]:
        """Your deployment as it is now, read from the running services: what an auditor is given."""
        self._there()
        return snapshot(self._view)

    def rules(self, lines: Sequence[str]) -> None:
        """Put lines of pg_hba.conf in force for the logins of your deployment; the first that fits decides."""
        self._there()
        if isinstance(lines, str):
            lines = lines.splitlines()
        made = generate(self._view.seed, of(self._view)).plain["connections"]
        rules.put(self._view, lines, {entry["login"] for entry in made if entry["password"]})

    def working_day(self) -> None:
        """Let every connection do its job in the running Airflow, and show what came of it (some seconds)."""
        from airlock.lab.deployment.work import working_day

        self._there()
        day = working_day(self._view, self._conn_ids())
        show(*raid_view.day(self._view, day))

    def let_loose(self) -> int:
        """Let all attackers loose on it, show who reads what, and return the bytes (ten seconds or more)."""
        os.environ.update({name: os.environ.get(name, level) for name, level in _QUIET.items()})
        from airlock.lab.deployment.raid import ATTACKERS, raid
        from airlock.lab.deployment.work import working_day

        self._there()
        read: dict[str, int | None] = dict.fromkeys(ATTACKERS)
        slot = Slot(raid_view.waiting("Your tasks are at work, and leave traces …"))

        def tell(attacker: str, size: int, left: int) -> None:
            read[attacker] = size
            if left and shell():
                slot.replace(*raid_view.loot(self._view, read, {}))

        day = working_day(self._view, self._conn_ids())
        victims: dict[str, set[str]] = defaultdict(set)
        thefts = raid(self._view, self._conn_ids(), day, tell)
        for theft in thefts:
            victims[theft.attacker].add(theft.victim)
        slot.replace(*raid_view.loot(self._view, read, victims))
        return sum(theft.bytes for theft in thefts)

    def __repr__(self) -> str:
        return "Your deployment: open(), describe(), rules(lines), working_day(), let_loose(), reset()"

    def _conn_ids(self) -> list[str]:
        return sorted({entry["conn_id"] for entry in generate(self._view.seed, of(self._view)).plain["connections"]})

    def _there(self) -> None:
        if not planted.is_planted(self._view):
            raise ValueError("there is no deployment yet: lab.deployment.open() makes it")

    def _say(self, what: str) -> None:
        print(f"The deployment of team {self._view.prefix} {what}: {len(self._conn_ids())} connections.")
