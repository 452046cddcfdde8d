"""A connection as a task of the team gets it: from the secrets backend, its environment, or the metadata database."""

from __future__ import annotations

import configparser
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from airlock.lab import backend, environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.view import View

_FIELDS = ("conn_type", "host", "port", "login", "password", "schema", "extra")


@dataclass(frozen=True)
class Found:
    """A connection. ``extra`` is text, as Airflow keeps it."""

    conn_id: str
    conn_type: str = ""
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    schema: str = ""
    extra: str = ""

    def airflow(self, **other: Any) -> Any:
        """As Airflow's hooks take it, with some fields replaced."""
        from airflow.models.connection import Connection

        fields = {name: getattr(self, name) for name in _FIELDS} | other
        return Connection(conn_id=self.conn_id, **fields)


def resolved(view: View, conn_id: str) -> Found | None:
    """What a task gets for an id, asked in the order that Airflow asks; None when it is nowhere.

    Raises:
        LabDown: Airflow does not answer.
    """
    arguments = backend_arguments(view)
    if arguments:
        try:
            if answer := made(*arguments).get_connection(conn_id):
                return _found(conn_id, answer)
        except Exception:  # whatever a backend raises, Airflow passes over
            pass
    if value := environment.connections(view).get(conn_id.upper()):
        from airflow.models.connection import Connection

        try:
            is_json = value.lstrip().startswith("{")
            answer = Connection.from_json(value, conn_id) if is_json else Connection(conn_id, uri=value)
        except Exception:  # malformed: a task fails on it
            return None
        return _found(conn_id, answer)
    row = AirflowClient(view.lab).stored_connection(conn_id)
    return _given(conn_id, row) if row else None


def made(kind: str, arguments: Mapping[str, Any]) -> Any:
    """A secrets backend, as Airflow makes it."""
    module, _, name = kind.rpartition(".")
    return getattr(import_module(module), name)(**arguments)


def backend_arguments(view: View) -> tuple[str, dict[str, Any]] | None:
    """Class and arguments of the backend that the team's tasks ask: their own, or that of the lab's airflow.cfg."""
    settings = backend.settings(view)
    if settings:
        return settings["AIRFLOW__SECRETS__BACKEND"], json.loads(settings["AIRFLOW__SECRETS__BACKEND_KWARGS"])
    return everybodys_backend(view)


def everybodys_backend(view: View) -> tuple[str, dict[str, Any]]:
    """Class and arguments of the backend of every team that has not set one of its own."""
    file = configparser.ConfigParser(interpolation=None)
    file.read(Path(view.lab.airflow.home) / "airflow.cfg")
    section = file["secrets"]
    return section["backend"], json.loads(section["backend_kwargs"].replace("%%", "%"))


def _found(conn_id: str, connection: Any) -> Found:
    return _given(conn_id, {name: getattr(connection, name) for name in _FIELDS})


def _given(conn_id: str, fields: Mapping[str, Any]) -> Found:
    given = {name: fields[name] for name in _FIELDS if fields[name] not in (None, "")}
    if isinstance(given.get("extra"), dict):
        given["extra"] = json.dumps(given["extra"])
    return Found(conn_id, **given)
