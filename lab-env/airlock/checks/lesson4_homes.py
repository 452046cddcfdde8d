"""What tasks 4.4 and 4.5 have in common: what a backend finds, and what was left behind."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from typing import Any

from airlock.checks.report import Report, failed
from airlock.lab import View
from airlock.lab.backend import BACKENDS
from airlock.lab.scattered import conn_id, fields


def made(backend_name: str, arguments: Mapping[str, Any]) -> Any:
    """The backend, as Airflow makes it."""
    module, _, kind = BACKENDS[backend_name].rpartition(".")
    return getattr(import_module(module), kind)(**arguments)


def reading(backend_name: str, arguments: Mapping[str, Any], conn_id: str) -> Any:
    """What a backend gives for an id: a Connection, None, or what it raised, which Airflow takes for None."""
    with _quietly():
        try:
            return made(backend_name, arguments).get_connection(conn_id)
        except Exception as error:
            return error


def found(backend_name: str, arguments: Mapping[str, Any], view: View, name: str) -> Any | Report:
    """The backend as Airflow would make it, once it has found the connection; else a report."""
    with _quietly():
        try:
            backend = made(backend_name, arguments)
            connection = backend.get_connection(conn_id(view, name))
        except Exception as error:  # whatever a backend raises, Airflow passes over
            return _no_answer(type(error).__name__, str(error), bool(arguments.get("verify")))
    if connection is None:
        return failed(
            f"Airflow asks, and there is nothing under the name it asks for (`{conn_id(view, name)}`).",
            "To Airflow that is no error. It asks the next home, and finds an old copy, or none.",
            "Compare the name of what you stored with where the backend looks: prefix or path, slash, id.",
            "not-found",
        )
    wanted = fields(view, name)
    got = {field: getattr(connection, field) for field in wanted if field != "extra"}
    if wrong := sorted(field for field in got if str(got[field]) != str(wanted[field])):
        return failed(
            f"The backend answers, and {', '.join(f'`{field}`' for field in wrong)} is not what the tasks used until "
            "now.",
            "Two of the three old copies are out of date. A move is no reason to go back in time.",
            "Which copy do your tasks use? `lab.environment.connections()` shows it.",
            "old-copy-moved",
        )
    return backend


def left_behind(left: dict[str, str]) -> Report | None:
    """A report when there are other copies."""
    if not left:
        return None
    home = next(iter(left))
    if home == "deleted":
        return failed(
            f"The new home works. On {left[home]}, the old copy is marked as deleted, and still there.",
            "Version 2 of the key-value engine keeps old versions: `undelete` brings them back, password included.",
            "Only taking away the metadata, with all versions, takes the secret away.",
            "only-marked-as-deleted",
            share=0.5,
        )
    return failed(
        f"The new home works. There is still a copy in {left[home]}.",
        "Nobody looks after it, and whoever finds it has a password. If the new home is down, tasks use it in silence.",
        "Three homes had a copy. `lab.environment`, the API's connections, and `lab.vault` show them.",
        {"environment": "left-in-the-environment", "database": "left-in-the-database", "mount": "left-on-the-mount"}[
            home
        ],
        share=0.5,
    )


def _no_answer(kind: str, said: str, told: bool) -> Report:
    if "SSL" in kind or "CERTIFICATE_VERIFY_FAILED" in said or "SSL validation failed" in said:
        return failed(
            "Airflow asks, and does not trust the server that answers: its certificate is signed by the lab's "
            "authority.",
            "Refusing is right. Airflow takes it for “nothing there”, and uses an old copy in silence.",
            f"`verify` names the file of the authority, {'and it is not this one' if told else 'and it is not set'}: "
            "`lab.ca_file`.",
            "not-trusted",
        )
    return failed(
        f"Airflow asks, and the backend fails: {kind}: {' '.join(said.split())[:160]}",
        "Airflow passes over whatever goes wrong in a backend, and asks the next home, in silence.",
        "Compare each argument with the example above the task. The audit log shows what arrived, if anything did.",
        "backend-fails",
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """What a backend says on its way is for a task's log; a judge reports what came of it."""
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
