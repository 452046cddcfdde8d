"""The environment of a team's tasks in the running Airflow: ``NAME=value`` lines in ``<team>.env``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from airlock.lab.view import View
from airlock.pki import write_secret

_CONNECTION = "AIRFLOW_CONN_"


def variables(view: View) -> dict[str, str]:
    """Every variable of the team's tasks."""
    file = _file(view)
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines)
    return {name: value for name, _, value in pairs}


def change(view: View, new: Mapping[str, str | None]) -> None:
    """Set variables of the team's tasks, and take out those that are None.

    Raises:
        ValueError: a value has a line break, which an environment file cannot hold.
    """
    if any("\n" in value for value in new.values() if value is not None):
        raise ValueError("a value in an environment file is one line: write the JSON without line breaks")
    wanted: dict[str, str | None] = {**variables(view), **new}
    text = "".join(f"{name}={value}\n" for name, value in sorted(wanted.items()) if value is not None)
    write_secret(_file(view), text.encode())


def set_connection(view: View, conn_id: str, value: str) -> None:
    """Give the team's tasks a connection, as a URI or as JSON on one line. Raises `ValueError` as `change` does."""
    change(view, {_variable(conn_id): value})


def unset_connection(view: View, conn_id: str) -> None:
    """Take a connection out of the team's environment. Harmless when there is none."""
    change(view, {_variable(conn_id): None})


def connections(view: View) -> dict[str, str]:
    """The connections in the team's environment: upper-case id to value."""
    named = variables(view).items()
    return {name.removeprefix(_CONNECTION): value for name, value in named if name.startswith(_CONNECTION)}


def clear(view: View) -> None:
    """Remove the team's environment."""
    _file(view).unlink(missing_ok=True)


def _variable(conn_id: str) -> str:
    return f"{_CONNECTION}{conn_id.upper()}"


def _file(view: View) -> Path:
    return Path(view.lab.airflow.environments) / f"{view.prefix}.env"
