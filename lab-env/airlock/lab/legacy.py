"""Lesson 4's legacy: four connections of a team, some stored by an Airflow that had no key.

An Airflow without a Fernet key writes `password` and `extra` as they are and says so in two flags of the row. The
running Airflow stores the connections; some columns are then put back to what one without a key had written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airlock.lab import metadata
from airlock.lab.airflow import AirflowClient
from airlock.lab.view import View

# What is in clear, by kind of connection. The last two differ in one thing: whether there is a password at all.
KINDS: dict[str, frozenset[str]] = {
    "encrypted": frozenset(),
    "old": frozenset({"password", "extra"}),
    "edited": frozenset({"extra"}),  # its password was changed once there was a key; its extra was not touched
    "token": frozenset({"extra"}),
}
_FLAGS = {"password": "is_encrypted", "extra": "is_extra_encrypted"}


@dataclass(frozen=True)
class Legacy:
    """A connection as it was meant: what a task has to get. ``clear`` names the columns that are stored in clear."""

    conn_id: str
    password: str | None
    extra: dict[str, str]
    clear: frozenset[str]


def legacies(view: View) -> list[Legacy]:
    """The four connections, without storing them. Which is which differs from view to view."""
    kinds = sorted(KINDS, key=lambda kind: view.seed.password(f"legacy/order/{kind}"))
    return [_legacy(view, f"{view.prefix}_legacy_{letter}", kind) for letter, kind in zip("abcd", kinds, strict=True)]


def plant(view: View | None = None) -> list[str]:
    """Store the four and return their ids. Idempotent; ``view`` defaults to this process's own.

    Raises:
        LabDown: Airflow or PostgreSQL does not answer.
    """
    view = view or View.current()
    airflow, planted = AirflowClient(view.lab), legacies(view)
    for each in planted:
        airflow.request("DELETE", f"/api/v2/connections/{each.conn_id}")
        airflow.request("POST", "/api/v2/connections", _described(each))
        row = metadata.row(view.lab, each.conn_id)
        if row and each.clear:
            kept = {name: value for name, value in row.items() if name not in ("id", *map(_FLAGS.get, each.clear))}
            shown = {column: value for column, value in _stored(each).items() if column in each.clear}
            metadata.store_in_clear(view, **kept | shown)
    return [each.conn_id for each in planted]


def _legacy(view: View, conn_id: str, kind: str) -> Legacy:
    word = view.seed.word
    password = None if kind == "token" else f"{word(f'legacy/{kind}')}-{view.seed.password(f'legacy/{kind}', 6)}"
    extra = {"endpoint": "https://ledger.internal/v1", "api_key": f"key-{view.seed.password(f'legacy/key/{kind}', 10)}"}
    return Legacy(conn_id, password, extra, KINDS[kind])


def _stored(each: Legacy) -> dict[str, str]:
    columns = {"password": each.password, "extra": json.dumps(each.extra)}
    return {column: value for column, value in columns.items() if value is not None}


def _described(each: Legacy) -> Mapping[str, Any]:
    described = {"connection_id": each.conn_id, "conn_type": "generic", "host": "ledger.internal", "login": "robot"}
    return described | _stored(each)
