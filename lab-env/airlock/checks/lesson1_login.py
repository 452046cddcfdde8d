"""Logging in to the shop with what a learner described, and asking the server whom it saw."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from airlock.checks.lesson1_forms import Fields
from airlock.lab import Login, View
from airlock.lab.postgres import connect_admin

# Extras that PostgresHook keeps for itself; every other one it hands to libpq.
_OF_THE_HOOK = {
    "iam",
    "redshift",
    "redshift-serverless",
    "cursor",
    "cluster-identifier",
    "workgroup-name",
    "aws_conn_id",
    "sqlalchemy_scheme",
    "sqlalchemy_query",
    "azure_conn_id",
}
# libpq options a learner may set here. Others could make this trusted process write a file or call elsewhere.
_FOLLOWED = {
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "options",
    "require_auth",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcompression",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Session:
    """A session in the server's own words (``pg_stat_activity``)."""

    user: str
    database: str
    application: str


class Refused(Exception):
    """No session came about; the message is the client's or the server's, on one line."""


def log_in(view: View, fields: Fields) -> Session:
    """Log in as PostgresHook would and ask the server whom it sees. Raises `Refused`."""
    settings = arguments(fields)
    host = str(settings.get("host") or "")
    if host not in LOOPBACK | {view.lab.postgres.host, view.lab.wire.host}:
        raise Refused(f"there is no database server on a host named {host!r}" if host else "no host is given")
    with connect_admin(view.lab, view.database) as admin:
        try:
            port = int(settings.get("port") or 5432)
            socket.create_connection((host, port), timeout=3).close()
            with psycopg.connect(**settings) as session:
                seen = admin.execute(
                    "select usename, datname, application_name from pg_stat_activity where pid = %s",
                    [session.info.backend_pid],
                ).fetchone()
        except OSError:
            raise Refused(f"nothing listens on {host}, port {port}") from None
        except (psycopg.Error, ValueError, TypeError, OverflowError) as error:
            raise Refused(last_words(error)) from None
    if seen is None:
        raise Refused("something answered, but the lab's PostgreSQL knows of no such session")
    return Session(*(str(value) for value in seen))


def is_shop(session: Session, login: Login) -> bool:
    """Whether the server saw this login in this learner's database."""
    return (session.user, session.database) == (login.user, login.database)


def arguments(fields: Fields) -> dict[str, Any]:
    """What PostgresHook would hand to ``psycopg.connect``, kept to the options a check follows. Raises `Refused`."""
    extras: Mapping[str, Any] = {k: v for k, v in fields.extra.items() if k not in _OF_THE_HOOK}
    try:
        psycopg.conninfo.make_conninfo(**{str(name): str(value) for name, value in extras.items()})
    except psycopg.Error as error:
        raise Refused(last_words(error)) from None
    basic = {
        "host": fields.host,
        "port": fields.port,
        "user": fields.login,
        "password": fields.password,
        "dbname": fields.schema,
    }
    followed = {k: v for k, v in extras.items() if k in _FOLLOWED or k in basic}
    return {"connect_timeout": 5} | {k: v for k, v in (basic | followed).items() if v is not None}


def last_words(error: Exception) -> str:
    """What a client said last, on one line."""
    # libpq names the address it tried before it says what is wrong.
    reason = str(error).strip().split("failed: ")[-1] or type(error).__name__
    return reason.splitlines()[0].strip().removeprefix("FATAL:").strip().rstrip(".")
