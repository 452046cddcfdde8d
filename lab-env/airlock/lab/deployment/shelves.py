"""The attackers off the wire: they read a backup, a log, an environment, have a token, log in as somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from airlock.lab import canaries
from airlock.lab.deployment.impostor import impostor
from airlock.lab.deployment.planted import PAYROLL, conn_ids
from airlock.lab.deployment.resolve import Found, backend_arguments, everybodys_backend, made
from airlock.lab.deployment.wire import QUERY, Taken, through, worth
from airlock.lab.deployment.work import Day, told
from airlock.lab.postgres import connect, connect_admin
from airlock.lab.view import Login, View


@dataclass(frozen=True)
class Scene:
    """Where they look: a team, its connections as its tasks get them, and the working day that left traces."""

    view: View
    victims: list[Found]
    day: Day


Steal = Callable[[Scene], Iterator[Taken]]


def _backup(scene: Scene) -> Iterator[Taken]:
    """Carries last night's dump of the metadata database away; has no key."""
    yield from _sought(scene.victims, canaries.backup(scene.view), "the password, in a dump")


def _audit_table(scene: Scene) -> Iterator[Taken]:
    """Reads Airflow's own audit log, as everybody does who may open its pages."""
    query = "select event, extra from log where extra like %s"
    with connect_admin(scene.view.lab, scene.view.lab.airflow.metadata_database) as session:
        rows = session.execute(query, [f"%{scene.view.prefix}%"]).fetchall()
    yield from _sought(scene.victims, repr(rows), "the password, in the audit log")


def _log(scene: Scene) -> Iterator[Taken]:
    """Reads what the tasks logged and returned."""
    yield from _sought(scene.victims, told(scene.view, scene.day), "the password, in a log or an XCom")


def _environment(scene: Scene) -> Iterator[Taken]:
    """Reads the file that sets the tasks' environment: a pod's spec, a Compose file."""
    file = Path(scene.view.lab.airflow.environments) / f"{scene.view.prefix}.env"
    yield from _sought(scene.victims, file.read_text() if file.exists() else "", "the password, in a file")


def _another_team(scene: Scene) -> Iterator[Taken]:
    """Runs a task of another team, and asks the vault for connections that are not theirs."""
    asking = made(*everybodys_backend(scene.view))
    for conn_id in conn_ids(scene.view):
        with suppress(Exception):  # refused, or not there
            yield conn_id, len((asking.get_connection(conn_id).password or "").encode()), "the password, in the vault"


def _old_client(scene: Scene) -> Iterator[Taken]:
    """Listens to an old script that nobody has found yet: it logs in as each of them, and never with TLS."""
    for each in _logins(scene.victims):
        found = through(scene.view, "eavesdropper", partial(_log_in, scene.view, each))
        yield each.login, *worth(found)


def _log_in(view: View, each: Found, port: int) -> None:
    login = Login(view.lab.postgres.host, port, view.database, each.login, each.password)
    with connect(login, sslmode="disable") as session:
        session.execute(QUERY).fetchall()


def _no_password(scene: Scene) -> Iterator[Taken]:
    """Is in the same network, knows the logins' names, and no password."""
    server = scene.view.lab.postgres
    for each in _logins(scene.victims):
        login = Login(server.host, server.port, scene.view.database, each.login, "?")
        with suppress(psycopg.Error), connect(login, ca_file=scene.view.lab.ca_file) as session:
            rows = session.execute(QUERY).fetchall()
            yield each.login, sum(len(str(value).encode()) for row in rows for value in row), "rows"


def _stolen_token(scene: Scene) -> Iterator[Taken]:
    """Has a task's token for the vault, and looks what else it opens."""
    if not (known := backend_arguments(scene.view)) or "vault" not in known[0]:
        return
    with suppress(Exception):  # refused
        client = made(*known).vault_client.client
        answer = client.secrets.kv.v2.read_secret_version(
            PAYROLL, mount_point=scene.view.prefix, raise_on_deleted_version=True
        )
        yield "policy", sum(len(str(value).encode()) for value in answer["data"]["data"].values()), "the payroll"


def _false_vault(scene: Scene) -> Iterator[Taken]:
    """Answers in the vault's place, with a certificate of his own."""
    if not (known := backend_arguments(scene.view)) or "vault" not in known[0]:
        return
    kind, arguments = known
    with impostor(scene.view) as (url, heard):
        with suppress(Exception):
            made(kind, arguments | {"url": url}).get_connection(conn_ids(scene.view)[0])
        yield "vault", sum(map(len, heard)), "what the tasks log in with"


THIEVES: dict[str, Steal] = {
    "backup": _backup,
    "audit log": _audit_table,
    "task log": _log,
    "environment": _environment,
    "another team": _another_team,
    "old client": _old_client,
    "no password": _no_password,
    "stolen token": _stolen_token,
    "false vault": _false_vault,
}


def _sought(victims: list[Found], text: str, what: str) -> Iterator[Taken]:
    """Whose password is in a text."""
    for each in victims:
        if each.password and each.password in text:
            yield each.conn_id, len(each.password.encode()), what


def _logins(victims: list[Found]) -> list[Found]:
    """One connection for each login of the database."""
    return list({each.login: each for each in victims if each.login and each.password}.values())
