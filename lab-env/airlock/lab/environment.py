"""The environment of a team's tasks in the running Airflow: ``AIRFLOW_CONN_…`` lines in ``<team>.env``."""

from __future__ import annotations

from pathlib import Path

from airlock.lab.view import View
from airlock.pki import write_secret

_VARIABLE = "AIRFLOW_CONN_"


def set_connection(view: View, conn_id: str, value: str) -> None:
    """Give the team's tasks a connection, as a URI or as JSON.

    Raises:
        ValueError: the value has a line break, which an environment file cannot hold.
    """
    if "\n" in value:
        raise ValueError("a value in an environment file is one line: write the JSON without line breaks")
    _write(view, connections(view) | {conn_id.upper(): value})


def unset_connection(view: View, conn_id: str) -> None:
    """Take a connection out of the team's environment. Harmless when there is none."""
    kept = connections(view)
    kept.pop(conn_id.upper(), None)
    _write(view, kept)


def connections(view: View) -> dict[str, str]:
    """The connections in the team's environment: upper-case id to value."""
    file = _file(view)
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines if line.startswith(_VARIABLE))
    return {name.removeprefix(_VARIABLE): value for name, _, value in pairs}


def clear(view: View) -> None:
    """Remove the team's environment."""
    _file(view).unlink(missing_ok=True)


def _write(view: View, values: dict[str, str]) -> None:
    text = "".join(f"{_VARIABLE}{name}={value}\n" for name, value in sorted(values.items()))
    write_secret(_file(view), text.encode())


def _file(view: View) -> Path:
    return Path(view.lab.airflow.environments) / f"{view.prefix}.env"
