"""Lesson 2's canaries: secrets that were written into connections, each in another field, personal to a view.

A canary is a value made only to be looked for: where it turns up in clear, a real secret in the same field would.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from airlock.lab.airflow import AirflowClient
from airlock.lab.postgres import connect_admin
from airlock.lab.view import View

PLACES = ("backup", "api", "log", "xcom")
"""Where a canary may turn up: a backup of the metadata database, the API's answer, a task's log, its XCom."""

# Field the secret is in, and the places that show it. Found by running it: tests/checks/test_lesson2.py does, again.
SHOWN: dict[str, frozenset[str]] = {
    "password": frozenset(),
    "extra": frozenset({"api"}),
    "description": frozenset({"backup", "api"}),
    "host": frozenset({"backup", "api", "xcom"}),
}


@dataclass(frozen=True)
class Canary:
    """A connection in the running Airflow and the secret that is somewhere in it."""

    conn_id: str
    secret: str


def fields(view: View) -> dict[str, str]:
    """For each letter, ``a`` to ``d``, the field that holds its canary: another order for every view."""
    order = sorted(SHOWN, key=lambda name: view.seed.password(f"canary/order/{name}"))
    return dict(zip("abcd", order, strict=True))


def canaries(view: View) -> dict[str, Canary]:
    """The four canaries by letter, without planting them."""
    return {
        letter: Canary(f"{view.prefix}_canary_{letter}", f"{view.seed.word(f'canary/{letter}')}-{index}")
        for index, letter in enumerate("abcd", start=10 + view.seed.number("canary/index", 1, 80))
    }


def plant(view: View | None = None) -> dict[str, Canary]:
    """Register the four connections in the running Airflow. Idempotent; ``view`` defaults to this process's own.

    Raises:
        LabDown: Airflow does not answer.
    """
    view = view or View.current()
    airflow, planted = AirflowClient(view.lab), canaries(view)
    for letter, name in fields(view).items():
        canary = planted[letter]
        airflow.request("DELETE", f"/api/v2/connections/{canary.conn_id}")
        airflow.request("POST", "/api/v2/connections", _row(canary, name))
    return planted


def backup(view: View | None = None) -> str:
    """The team's rows of the table `connection`, as `pg_dump` writes them: a header, then tab-separated lines.

    Raises:
        LabDown: PostgreSQL does not answer.
    """
    view = view or View.current()
    mine = sql.Literal(f"{view.prefix}\\_%")
    query = sql.SQL("copy (select * from connection where conn_id like {} order by id) to stdout with (header)")
    with connect_admin(view.lab, view.lab.airflow.metadata_database) as session:
        with session.cursor().copy(query.format(mine)) as stream:
            return b"".join(bytes(block) for block in stream).decode()


def _row(canary: Canary, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"connection_id": canary.conn_id, "conn_type": "generic", "host": "files.internal"}
    match name:
        case "password":
            row["password"] = canary.secret
        case "extra":
            row["extra"] = json.dumps({"webhook": f"https://hooks.internal/{canary.secret}"})
        case "description":
            row["description"] = f"nightly upload, the password is {canary.secret}"
        case "host":  # in the host and in the password: a log's masker knows it
            row |= {"host": f"https://robot:{canary.secret}@files.internal", "password": canary.secret}
    return row
