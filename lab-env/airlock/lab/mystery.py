"""Lesson 1's puzzles: connections that somebody else left behind, personal to a view."""

from __future__ import annotations

from urllib.parse import quote

from airlock.lab import environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.vault import VaultClient
from airlock.lab.view import View

HOMES = ("vault", "environment", "database")
"""The three homes of a connection: secrets backend, environment of the task, metadata database."""

_LAYOUTS = (("vault", "environment", "database"), ("environment", "database"), ("database",))


def copies(view: View) -> dict[str, dict[str, str]]:
    """For each mystery (``a``, ``b``, ``c``) the homes that hold a copy, each with a host of its own."""
    turn = view.seed.number("mystery/turn", 0, 2)
    by_letter = {letter: _LAYOUTS[(index + turn) % 3] for index, letter in enumerate("abc")}
    return {
        letter: {home: view.seed.word(f"mystery/{letter}/{home}") for home in homes}
        for letter, homes in by_letter.items()
    }


def plant(view: View | None = None) -> dict[str, str]:
    """Put every copy into its home and return the three ids by letter. Idempotent; takes a second.

    ``view`` defaults to this process's own. Raises `LabDown` when a service does not answer.
    """
    view = view or View.current()
    vault, airflow = VaultClient(view.lab), AirflowClient(view.lab)
    ids = {letter: conn_id(view, letter) for letter in "abc"}
    for letter, homes in copies(view).items():
        name = ids[letter]
        vault.delete_connection(name)
        environment.unset_connection(view, name)
        airflow.request("DELETE", f"/api/v2/connections/{name}")
        for home, host in homes.items():
            if home == "vault":
                vault.put_connection(name, {"conn_type": "generic", "host": host})
            elif home == "environment":
                environment.set_connection(view, name, f"generic://{host}")
            else:
                row = {"connection_id": name, "conn_type": "generic", "host": host}
                airflow.request("POST", "/api/v2/connections", json=row)
    return ids


def conn_id(view: View, letter: str) -> str:
    """The Airflow id of a mystery."""
    return f"{view.prefix}_mystery_{letter}"


def broken_uri(view: View) -> str:
    """The courier's URI as a colleague left it: two faults, and Airflow reads it without a word.

    Its password was encoded twice, and the application name `R&D #<code word>` was not encoded at all.
    """
    login = view.courier
    password = quote(quote(login.password, safe=""), safe="")
    return (
        f"postgres://{login.user}:{password}@{login.host}:{login.port}/{login.database}"
        f"?sslmode=require&application_name={application_name(view)}"
    )


def application_name(view: View) -> str:
    """The name under which the colleague's jobs are known to the server."""
    return f"R&D #{view.seed.word('repair/application')}"
