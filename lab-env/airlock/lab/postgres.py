"""Logging in to the lab's PostgreSQL. Always `verify-full` unless a lesson asks for less."""

from __future__ import annotations

import os
import socket
from typing import Any

import psycopg

from airlock.lab.description import Lab, LabDown, secret
from airlock.lab.view import Login

Session = psycopg.Connection[tuple[Any, ...]]


def connect(login: Login, *, ca_file: str | None = None, **options: Any) -> Session:
    """A session as ``login``; ``options`` are libpq's and win over the default `sslmode=verify-full`.

    Raises:
        LabDown: nothing listens there.
        psycopg.OperationalError: the server refused.
    """
    if ca_file is None and "sslrootcert" not in options and "sslmode" not in options:
        ca_file = Lab.current().ca_file
    settings: dict[str, Any] = {"sslmode": "verify-full", "connect_timeout": 5}
    if ca_file:
        settings["sslrootcert"] = ca_file
    reachable(login.host, login.port)
    return psycopg.connect(
        host=login.host,
        port=login.port,
        dbname=login.database,
        user=login.user,
        password=login.password,
        autocommit=True,
        **(settings | options),
    )


def connect_admin(lab: Lab, database: str) -> Session:
    """A session as the superuser, for trusted code. Raises `LabDown` when the server does not let it in."""
    server = lab.postgres
    login = Login(server.host, server.port, database, server.admin, secret(server.admin_password_file))
    try:
        return connect(login, ca_file=lab.ca_file)
    except psycopg.OperationalError as error:
        first = str(error).strip().splitlines()[0]
        raise LabDown(f"The lab's PostgreSQL refused its own administrator: {first}", "./airlock doctor") from error


def reachable(host: str, port: int) -> None:
    """Raises `LabDown` when nothing listens there."""
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        raise LabDown(f"PostgreSQL does not answer on {host}:{port}.") from None


def local_port(session: Session) -> int:
    """The port a session comes from: how it is told from others that go through the same door."""
    with socket.socket(fileno=os.dup(session.fileno())) as handle:
        port: int = handle.getsockname()[1]
    return port
