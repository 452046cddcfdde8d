"""Judge of task 4.1: what is stored in clear is found, and stored encrypted."""

from __future__ import annotations

import json
from typing import Any

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab import View, metadata
from airlock.lab.airflow import AirflowClient
from airlock.lab.legacy import Legacy, legacies


@task(
    "4.1",
    "Find and mend what is stored in clear",
    2,
    hints=(
        "Each row says by itself, in two columns, what is encrypted. Read both for all four connections, and look at "
        "what stands in `password` and `extra`.",
        "Airflow encrypts when it *writes* a row. So let it write the row again, with what it holds already: the page "
        "of "
        "the connection and its button *Save* do that, and so does the API.",
        '`row = lab.airflow.request("GET", f"/api/v2/connections/{each}").json()`, then '
        '`lab.airflow.request("PATCH", f"/api/v2/connections/{each}", row)`. The `***` in it stand for “as it is”.',
    ),
)
def in_clear(world: World) -> Report:
    """`in_clear` names the connections that were in clear, and none of the four is any more."""
    given = _names(world.value("in_clear"))
    planted = legacies(world.view)
    return (
        _wrong_names(given, planted)
        or _state(world.view, planted)
        or passed(
            "Named rightly, and all four are encrypted now. Each still holds what it held.",
            "That is true for the table. The backup of last night has the old rows: a secret that was stored in clear "
            "is "
            "to be changed, not only encrypted.",
        )
    )


def _names(value: Plain) -> set[str]:
    if isinstance(value, dict):
        return set(value)
    return {str(each) for each in value} if isinstance(value, list) else {str(value)}


def _wrong_names(given: set[str], planted: list[Legacy]) -> Report | None:
    ids = {each.conn_id for each in planted}
    right = {each.conn_id for each in planted if each.clear}
    if strange := sorted(given - ids):
        return failed(
            f"`in_clear` names {strange[0]!r}, which is none of the four.",
            "The check looks at your own team's connections.",
            "Use the ids that `plant()` returned.",
            "not-planted",
        )
    if given - right:
        return failed(
            "You name a connection of which nothing was in clear.",
            "Crying wolf has a price too: somebody changes a password at night for nothing.",
            "Both flags of a row, and both columns. Text that begins with `gAAAA` is encrypted.",
            "encrypted-named",
        )
    if right - given:
        return failed(
            f"A connection is missing: something of it was in clear ({len(given)} named).",
            "An API key in `extra` opens as much as a password, and has a flag of its own.",
            "`is_encrypted` is about the password alone. What does `is_extra_encrypted` say?",
            "extra-overlooked",
        )
    return None


def _state(view: View, planted: list[Legacy]) -> Report | None:
    rows = {each.conn_id: metadata.row(view.lab, each.conn_id) for each in planted}
    if any(row is None for row in rows.values()):
        return failed(
            "One of the four connections is not there any more.",
            "What is gone does not leak. The tasks that used it fail tonight.",
            "Run the cell with `plant()` again, and let Airflow write the rows instead of taking them away.",
            "deleted",
        )
    left = [column for each in planted for column in sorted(_clear(rows[each.conn_id]))]
    if "password" in left:
        return failed(
            f"Named rightly. {_still(left)} in the table as before, in clear.",
            "The key is there. It is used when Airflow writes a row, and nobody has written these.",
            "Which request makes Airflow write a row again?",
            "still-in-clear",
            share=0.5,
        )
    if left:
        return failed(
            f"Named rightly, and no password is in clear any more. {_still(left)} in an `extra`.",
            "Airflow writes the fields that a request names, and encrypts those.",
            "A request without `update_mask`, and with all the fields, writes them all.",
            "extra-left",
            share=0.5,
        )
    airflow = AirflowClient(view.lab)
    if not all(_holds(airflow.stored_connection(each.conn_id), each) for each in planted):
        return failed(
            "All of it is encrypted, and one connection does not hold what it held before.",
            "A lock on the wrong thing: the task that uses it cannot log in any more.",
            "Run the cell with `plant()` again. A request may carry the values of the row, or `***` for “as it is”.",
            "secret-changed",
        )
    return None


def _clear(row: dict[str, Any] | None) -> set[str]:
    """The columns of a row that hold something in clear."""
    flags = {"password": "is_encrypted", "extra": "is_extra_encrypted"}
    return {column for column, flag in flags.items() if row and row[column] and not row[flag]}


def _holds(stored: dict[str, Any] | None, meant: Legacy) -> bool:
    if stored is None or (stored["password"] or None) != meant.password:
        return False
    try:
        return bool(json.loads(stored["extra"] or "{}") == meant.extra)
    except ValueError:
        return False


def _still(columns: list[str]) -> str:
    return "One value is still" if len(columns) == 1 else f"{len(columns)} values are still"
