"""One Airflow connection, opened on every path that a task may take, with two witnesses for each.

The server says of each session what it knows of the link; an eavesdropper on the way says what it could read. That
both speak of the same session is known from its port: the eavesdropper's own towards the server.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from airlock.lab import environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.view import View
from airlock.lab.warehouse import Session, Warehouse
from airlock.wire.captures import Connection, record
from airlock.wire.conversation import decode
from airlock.wire.loot import Loot, loot
from airlock.wire.refusals import Reason, reason

if TYPE_CHECKING:
    from airflow.sdk import Connection as AirflowConnection

PATHS = ("get_conn", "sqlalchemy", "get_df", "run_dag")
DAG = "which_link"
_QUERY = "select * from own_session"
_NAME = "paths"


@dataclass(frozen=True)
class Walk:
    """One path.

    Attributes:
        path: its name, one of PATHS.
        error: why it did not get in, in the words of whoever refused; empty where it did.
        session: what the server knew of the link; None where the path did not get in.
        wire: what passed the eavesdropper, ``TLS`` or ``clear``; empty where nothing did.
        same: whether the eavesdropper's recording is that of the very session the server spoke of.
        loot: what the eavesdropper has read.
    """

    path: str
    error: str
    session: Session | None
    wire: str
    same: bool
    loot: Loot

    @property
    def ok(self) -> bool:
        """Whether it got in."""
        return self.session is not None

    @property
    def reason(self) -> Reason:
        """Why it did not; empty where it did."""
        return reason(self.error) if self.error else Reason("", "", "")


def walk(
    view: View, connection: str | AirflowConnection, through: str = "eavesdropper", only: tuple[str, ...] = PATHS
) -> dict[str, Walk]:
    """Open a connection to the team's warehouse on every path, past somebody who listens.

    Args:
        view: whose warehouse, and whose tasks.
        connection: the connection, or the id of one that the team's tasks find in their environment or in Airflow.
        through: the door that listens. A connection that names a door's port itself is used as it is.
        only: the paths wanted. The one through a DAG takes a few seconds.

    Raises:
        ValueError: there is no such connection, or it does not lead to the warehouse.
        airlock.lab.airflow.AirflowRefused: the DAG could not be triggered.
        LabDown: a service does not answer.
    """
    warehouse = Warehouse(view)
    described = _described(view, connection) if isinstance(connection, str) else _fields(connection)
    doors = {port: name for name, port in warehouse.doors.items()}
    door = doors.get(described["port"] or 0, through)
    if described["port"] not in {warehouse.port, *doors}:
        raise ValueError(f"the connection leads to port {described['port']}, and the warehouse is at {warehouse.port}")
    if door not in warehouse.wire.doors or door == "relay":
        raise ValueError(
            f"no door {door!r} listens; those that do are {', '.join(n for n in doors.values() if n != 'relay')}"
        )
    if unknown := [path for path in only if path not in PATHS]:
        raise ValueError(f"there is no path {unknown[0]!r}; the paths are {', '.join(PATHS)}")
    opened: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "get_conn": _by_get_conn,
        "sqlalchemy": _by_sqlalchemy,
        "get_df": _by_data_frame,
        "run_dag": lambda conn: _by_dag(view, conn),
    }
    result = {}
    for path in only:
        with record(warehouse.wire, door) as recording:
            session, error = _try(opened[path], described | {"port": recording.port})
        result[path] = _judged(path, session, error, recording.connections)
    return result


def _judged(path: str, session: Session | None, error: str, connections: list[Connection]) -> Walk:
    mine = [each for each in connections if session and session.client_port in {local[1] for local, _ in each.servers}]
    seen = mine or connections[-1:]  # a client that was refused may have called twice
    protocols = {message.protocol for each in seen for message in decode(each.chunks())}
    wire = "TLS" if "TLS" in protocols else "clear" if protocols else ""
    return Walk(path, error, session, wire, bool(mine), loot(connections))


def _try(open_it: Callable[[dict[str, Any]], dict[str, Any]], described: dict[str, Any]) -> tuple[Session | None, str]:
    try:
        row = open_it(described)
    except _Failed as failed:
        return None, str(failed)
    except (ImportError, TypeError, ValueError, OSError) as error:
        return None, f"{type(error).__name__}: {error}"
    except Exception as error:
        if not type(error).__module__.startswith(("psycopg", "sqlalchemy", "pandas")):
            raise
        return None, str(getattr(error, "orig", None) or error).strip()  # SQLAlchemy wraps what libpq said
    return Session(**{field.name: row[field.name] for field in fields(Session)}), ""


class _Failed(Exception):
    """A task did not get in; its own words."""


def _by_get_conn(described: dict[str, Any]) -> dict[str, Any]:
    from contextlib import closing

    with closing(_hook(described).get_conn()) as session, session.cursor() as cursor:
        cursor.execute(_QUERY)
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _by_sqlalchemy(described: dict[str, Any]) -> dict[str, Any]:
    from sqlalchemy import text

    engine = _hook(described).get_sqlalchemy_engine()
    try:
        with engine.connect() as session:
            return dict(session.execute(text(_QUERY)).mappings().one())
    finally:
        engine.dispose()


def _by_data_frame(described: dict[str, Any]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas says that it would rather have an engine
        frame = _hook(described).get_df(_QUERY)
    return {name: getattr(value, "item", lambda value=value: value)() for name, value in frame.iloc[0].items()}


def _by_dag(view: View, described: dict[str, Any]) -> dict[str, Any]:
    airflow = AirflowClient(view.lab)
    with _in_environment(view, described) as conn_id:
        run = airflow.run_dag(DAG, {"conn_id": conn_id, "team": view.prefix}, on_state=lambda *_: None)
    row = airflow.xcom(DAG, run.run_id, "ask")
    if run.state == "success" and isinstance(row, dict):
        return row
    said = airflow.task_log(DAG, run.run_id, "ask").splitlines()
    words = [line for line in said if "rror" in line.partition(":")[0]]
    raise _Failed(words[-1] if words else f"the DAG run ended as {run.state}")


@contextmanager
def _in_environment(view: View, described: dict[str, Any]) -> Iterator[str]:
    conn_id = f"{view.prefix}_{_NAME}"
    environment.set_connection(view, conn_id, json.dumps(described))
    try:
        yield conn_id
    finally:
        environment.unset_connection(view, conn_id)


def _hook(described: dict[str, Any]) -> Any:
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk import Connection as AirflowConnection

    extra = described["extra"]
    given = {**described, "conn_id": _NAME, "extra": json.dumps(extra) if extra else None}
    return PostgresHook(connection=AirflowConnection(**given))


def _described(view: View, conn_id: str) -> dict[str, Any]:
    """A connection where the team's tasks would find it, of the places that the lab can look into for them."""
    from airflow.sdk import Connection as AirflowConnection

    if value := environment.connections(view).get(conn_id.upper()):
        read = AirflowConnection.from_json if value.startswith("{") else AirflowConnection.from_uri
        return _fields(read(value, conn_id=conn_id))
    stored = AirflowClient(view.lab).stored_connection(conn_id)
    if stored is None:
        raise ValueError(f"neither your tasks' environment nor Airflow has a connection {conn_id!r}")
    extra = json.loads(stored["extra"]) if stored["extra"] else {}
    return {name: stored[name] for name in _FIELDS} | {"extra": extra}


_FIELDS = ("conn_type", "host", "login", "password", "schema", "port")


def _fields(connection: AirflowConnection) -> dict[str, Any]:
    return {name: getattr(connection, name) for name in _FIELDS} | {"extra": dict(connection.extra_dejson)}
