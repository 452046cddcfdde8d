"""Where a deployment's connections lie: which homes, and in what state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

VAULT, SHARED, ENVIRONMENT, DATABASE = "vault", "shared mount", "environment", "database"
"""The team's own mount, the mount of all teams, the environment of the team's tasks, the metadata database."""

Entry = dict[str, Any]
"""One connection in one home, as plain data; ``extra`` is an object, and a database's row says what is encrypted."""

_NOTES = (
    "nightly, owned by finance; ask before 9:00",
    "its password is in the vault of the finance team",
    "was on sslmode=disable until the audit of May",
)


@dataclass(frozen=True)
class Home:
    """One way to keep a connection.

    Attributes:
        name: a few words.
        fault: what is wrong with it, or None.
        places: the homes that hold it.
        note: what is done to the row: "description", "host", "clear", "mention", or nothing.
        kind: the type of connection it is for; empty for any.
        odd: whether it is right and looks wrong.
    """

    name: str
    fault: str | None
    places: tuple[str, ...]
    note: str = ""
    kind: str = ""
    odd: bool = False

    def entries(self, connection: Entry, turn: int) -> Iterator[Entry]:
        """The connection as each of its homes holds it. ``turn`` chooses among equals."""
        for place in self.places:
            entry = {**connection, "home": place}
            yield self._row(entry, turn) if place == DATABASE else entry

    def _row(self, entry: Entry, turn: int) -> Entry:
        password, login = entry["password"], entry["login"]
        encrypted = self.note != "clear"
        entry |= {
            "description": "",
            "is_encrypted": encrypted and bool(password),
            "is_extra_encrypted": encrypted and bool(entry["extra"]),
        }
        if self.note == "description":
            entry["description"] = (f"login {login} / {password}", f"asked for it again: {password}")[turn % 2]
        if self.note == "mention":
            entry["description"] = _NOTES[turn % len(_NOTES)]
        if self.note == "host":
            told = urlsplit(entry["host"])
            scheme = told.scheme or entry["schema"] or "http"
            entry["host"] = f"{scheme}://{login}:{password}@{told.netloc or entry['host']}"
        return entry


HOMES: tuple[Home, ...] = (
    Home("a row in clear", "stored-in-clear", (DATABASE,), "clear"),
    Home("in the description", "secret-in-a-clear-column", (DATABASE,), "description"),
    Home("in the host", "secret-in-a-clear-column", (DATABASE,), "host", kind="http"),
    Home("in the environment", "secret-in-the-environment", (ENVIRONMENT,)),
    Home("a copy in the environment", "secret-in-the-environment", (VAULT, ENVIRONMENT)),
    Home("a copy on the shared mount", "copy-on-the-shared-mount", (VAULT, SHARED)),
    Home("in the vault", None, (VAULT,)),
    Home("an encrypted row", None, (DATABASE,)),
    Home("an encrypted row that mentions a password", None, (DATABASE,), "mention", odd=True),
)
"""Homes of a connection that has a secret."""

OPEN_HOMES: tuple[Home, ...] = (
    Home("an environment without a secret", None, (ENVIRONMENT,), odd=True),
    Home("a row with nothing to encrypt", None, (DATABASE,), "clear", odd=True),
)
"""Homes of a connection that has none."""
