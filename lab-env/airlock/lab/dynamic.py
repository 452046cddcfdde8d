"""Logins that live for a minute: OpenBao's database engine at ``<team>-database``, in front of the team's warehouse.

OpenBao holds one login of the warehouse that may make others, and whose password it has changed itself: nobody knows
it. Whoever asks for credentials gets a new login with a lease. At its end, or when it is revoked, OpenBao drops it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import hvac
import hvac.exceptions
from psycopg import sql

from airlock.lab import vault_team
from airlock.lab.pki_engine import PkiEngine, refusals
from airlock.lab.postgres import Session, connect
from airlock.lab.view import Login, View
from airlock.lab.warehouse import Warehouse

ROLE = "reader"
_CONNECTION = "warehouse"
_CREATE = (
    """create role "{{{{name}}}}" login password '{{{{password}}}}' valid until '{{{{expiration}}}}' in role {group}"""
)
_END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where usename = '{{name}}'"
_DROP = 'drop role if exists "{{name}}"'
_NAMES = "lease_{{ random 12 | lowercase }}"


@dataclass(frozen=True)
class Lease:
    """A login for a while. ``repr`` never shows the password.

    Attributes:
        id: what to renew or revoke it by.
        seconds: how long it has from now, unless it is renewed.
        renewable: whether it can be.
    """

    id: str
    user: str
    password: str = field(repr=False)
    seconds: int
    renewable: bool


class Dynamic:
    """The team's database engine."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def mount(self) -> str:
        """Where the engine is in OpenBao."""
        return f"{self._view.prefix}-database"

    def open(
        self, ca_file: str | None = None, ttl: str = "1m", max_ttl: str = "10m", *, end_sessions: bool = False
    ) -> None:
        """Hand the warehouse to OpenBao, over `verify-full`. Again: change the rules.

        Args:
            ca_file: whom OpenBao trusts for the warehouse's certificate; the root of the team's PKI when left out.
            ttl, max_ttl: how long a lease is, and how long it may become by renewals, e.g. ``"90s"``.
            end_sessions: whether the end of a lease also ends the sessions opened with it.

        Raises:
            ValueError: OpenBao refuses, in its own words; the warehouse's certificate, for example.
            LabDown: OpenBao or the warehouse does not answer.
        """
        password = secrets.token_hex(16)
        with Warehouse(self._view).admin() as session:
            self._ensure_manager(session, password)
        with refusals():
            self._configure(password, ca_file or PkiEngine(self._view).ca_file, ttl, max_ttl, end_sessions)

    def _configure(self, password: str, ca_file: str, ttl: str, max_ttl: str, end_sessions: bool) -> None:
        admin, login = self._admin, Warehouse(self._view).login
        vault_team.ensure_engine(admin, "database", self.mount)
        query = f"sslmode=verify-full&sslrootcert={quote(ca_file, safe='')}"
        admin.write_data(
            f"{self.mount}/config/{_CONNECTION}",
            data={
                "plugin_name": "postgresql-database-plugin",
                "connection_url": f"postgresql://{{{{username}}}}:{{{{password}}}}@{login.host}:{login.port}"
                f"/{login.database}?{query}",
                "username": self._manager,
                "password": password,
                "allowed_roles": [ROLE],
                "username_template": _NAMES,
                "max_open_connections": 2,
            },
        )
        admin.write_data(f"{self.mount}/rotate-root/{_CONNECTION}")
        admin.write_data(
            f"{self.mount}/roles/{ROLE}",
            data={
                "db_name": _CONNECTION,
                "creation_statements": [_CREATE.format(group=self._group)],
                "revocation_statements": [_END_SESSIONS, _DROP] if end_sessions else [_DROP],
                "default_ttl": ttl,
                "max_ttl": max_ttl,
            },
        )

    def credentials(self) -> Lease:
        """A new login. Raises `ValueError` as OpenBao refuses: before `open`, or when the warehouse does not answer."""
        with refusals():
            answer = self._admin.read(f"{self.mount}/creds/{ROLE}")
        if not answer:
            raise ValueError("OpenBao knows no warehouse yet: lab.dynamic.open() tells it of yours")
        data = answer["data"]
        return Lease(
            answer["lease_id"], data["username"], data["password"], answer["lease_duration"], answer["renewable"]
        )

    def renew(self, lease: Lease, seconds: int | None = None) -> Lease:
        """More time, as much as the rules allow. Raises `ValueError` for a lease that is over."""
        with refusals():
            answer = self._admin.sys.renew_lease(lease.id, increment=seconds)
        return Lease(lease.id, lease.user, lease.password, answer["lease_duration"], answer["renewable"])

    def revoke(self, lease: Lease) -> None:
        """End it now: the login is dropped when this returns. Raises `ValueError` when OpenBao cannot drop it."""
        with refusals():
            self._admin.write_data("sys/leases/revoke", data={"lease_id": lease.id, "sync": True})

    def leases(self) -> list[str]:
        """The ids of the leases that are not over."""
        path = f"{self.mount}/creds/{ROLE}"
        try:
            with refusals():
                answer = self._admin.list(f"sys/leases/lookup/{path}")
        except hvac.exceptions.InvalidPath:
            answer = None
        return [f"{path}/{key}" for key in answer["data"]["keys"]] if answer else []

    def connect(self, lease: Lease, ca_file: str | None = None, **libpq: Any) -> Session:
        """A session with the warehouse as the lease's login, `verify-full` unless told otherwise."""
        place = Warehouse(self._view).login
        login = Login(place.host, place.port, place.database, lease.user, lease.password)
        return connect(login, ca_file=ca_file or PkiEngine(self._view).ca_file, **libpq)

    @property
    def _admin(self) -> hvac.Client:
        return vault_team.administrator(self._view)

    @property
    def _manager(self) -> str:
        return f"vault_{self._view.prefix}"

    @property
    def _group(self) -> str:
        return f"readers_{self._view.prefix}"

    def _ensure_manager(self, session: Session, password: str) -> None:
        """A login that may make others in the group, end their sessions, and read nothing itself."""
        manager, group = sql.Identifier(self._manager), sql.Identifier(self._group)
        for role in (self._manager, self._group):
            if not session.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                session.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
        for statement in (
            "alter role {manager} login createrole password {password}",
            "grant usage on schema public to {group}",
            "grant select on all tables in schema public to {group}",
            "grant connect on database {database} to {manager}, {group}",
            "grant {group} to {manager} with admin true, inherit false, set false",
            "grant pg_signal_backend to {manager}",
        ):
            session.execute(
                sql.SQL(statement).format(
                    manager=manager,
                    group=group,
                    password=sql.Literal(password),
                    database=sql.Identifier(Warehouse(self._view).login.database),
                )
            )
