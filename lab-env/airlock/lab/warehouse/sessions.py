"""What the server itself says of the sessions it has: `pg_stat_ssl`, joined with whose they are."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

_ALL = """
select pid, usename as "user", datname as database, application_name, client_port,
       coalesce(ssl, false) as ssl, coalesce(version, '') as version, coalesce(cipher, '') as cipher,
       coalesce(bits, 0) as bits, coalesce(client_dn, '') as client_dn, coalesce(issuer_dn, '') as issuer_dn,
       coalesce(client_serial::text, '') as client_serial
from pg_stat_activity join pg_stat_ssl using (pid)
where backend_type = 'client backend' and client_port <> -1
"""
VIEW = f"create view own_session as {_ALL} and pid = pg_backend_pid()"
"""For anybody who has a session: what the server knows of that one."""


@dataclass(frozen=True)
class Session:
    """One session over the network, as the server sees it. What it does not have is empty, or 0.

    Attributes:
        pid: the server's process for it.
        user, database, application_name, client_port: whose it is, and the port it comes from: a door's, if it goes
            through one.
        ssl, version, cipher, bits: of the link to the server, which may not be the client's own.
        client_dn, client_serial, issuer_dn: of the client's certificate; the serial number in decimal digits.
    """

    pid: int
    user: str
    database: str
    application_name: str
    client_port: int
    ssl: bool
    version: str
    cipher: str
    bits: int
    client_dn: str
    issuer_dn: str
    client_serial: str


def sessions(administrator: psycopg.Connection[tuple[object, ...]]) -> list[Session]:
    """Every session that came over the network, oldest first."""
    with administrator.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(f"{_ALL} order by backend_start").fetchall()
