"""Judge of task 5.2: the learner's own server speaks TLS with the learner's papers, and takes nobody without it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from airlock.checks.catalogue import task
from airlock.checks.lesson1_login import last_words
from airlock.checks.lesson5_certificates import papers, server_names
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View
from airlock.lab.warehouse import Refused, Warehouse

# A server that wants a client certificate has begun to talk about it: the password is not asked any more.
WANTS_CERTIFICATE = "client certificate"


@contextmanager
def trusted(root: bytes) -> Iterator[str]:
    """The file of an authority, for as long as the block takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "root.crt")
        file.write_bytes(root)
        yield str(file)


def come_in(warehouse: Warehouse, **settings: Any) -> str:
    """Log in to the warehouse's own port with the application's login; empty when it let us in, else what was said."""
    login = warehouse.login
    here: dict[str, Any] = {"host": warehouse.host, "hostaddr": "127.0.0.1", "port": warehouse.port}
    here |= {"dbname": login.database, "user": login.user, "password": login.password, "connect_timeout": 5}
    here |= {"gssencmode": "disable", "sslcertmode": "disable", "sslrootcert": "/no/such/file"}
    try:
        with psycopg.connect(**(here | settings)) as session:
            session.execute("select 1")
    except psycopg.Error as refusal:
        return last_words(refusal)
    return ""


def running(view: View) -> Warehouse | Report:
    """The learner's server, running; else a report in PostgreSQL's own words."""
    warehouse = Warehouse(view)
    try:
        warehouse.start()
    except Refused as refused:
        return failed(
            f"Your server does not start: {str(refused)[:300]}",
            "A configuration that a reload refuses is found at the next restart, when nobody remembers the change.",
            "`lab.warehouse.restart()` shows the same words. `lab.warehouse.reset()` begins anew.",
            "does-not-start",
        )
    return warehouse


@task(
    "5.2",
    "Turn TLS on, and force it",
    3,
    hints=(
        "Four steps, in the order of the table above the task; each of them only writes. Then the server has to "
        "be told to "
        "read it again, and it says what it thinks of it.",
        "`install` takes PEM texts: the chain with the leaf first, and its key. In `pg_hba.conf`, `hostssl` fits "
        "only what comes "
        "with TLS. A line beginning with `host` that is still there fits everything.",
        '`lab.warehouse.install(certificate=pem["server"], key=pem["server key"])`, `lab.warehouse.configure(ssl="on", '
        'ssl_min_protocol_version="TLSv1.3")`, `lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")`, '
        "`lab.warehouse.reload()`.",
    ),
    needs=("5.1",),
)
def server(world: World) -> Report:
    """Verified by the learner's root and by both names, at least TLS 1.3, never in clear, never without asking who."""
    made, warehouse = papers(world.value("pem")), running(world.view)
    if isinstance(made, Report):
        return made
    if isinstance(warehouse, Report):
        return warehouse
    if not warehouse.status().tls:
        return _no_tls(warehouse)
    with trusted(made.root) as root:
        return _verified(warehouse, root, world.view) or _forced(warehouse) or _asked(warehouse) or _done()


def _done() -> Report:
    return passed(
        "A client that trusts only your root verified the server by both names. TLS 1.2 was refused, clear text "
        "was refused, "
        "and so was a wrong password.",
        "The server's half of the work is done. It guards the server's leg of the link, and no other.",
    )


def _no_tls(warehouse: Warehouse) -> Report:
    if not (warehouse.folder / "server.crt").exists() and warehouse.settings().get("ssl") != "on":
        raise NotAttempted("Your server does not speak TLS yet, and has no certificate.")
    said = " ".join(
        line for line in warehouse.reload() if "server.key" in line or "certificate" in line or "SSL" in line
    )
    return failed(
        f"Your server was asked whether it speaks TLS, and said no. {said[:240]}".strip(),
        "Files in a folder are not a configuration in force.",
        "`ssl` has to be on, and the server has to be told: what does `lab.warehouse.reload()` say?",
        "not-in-force",
    )


def _verified(warehouse: Warehouse, root: str, view: View) -> Report | None:
    for name in server_names(view):
        said = come_in(warehouse, host=name, sslmode="verify-full", sslrootcert=root)
        if "certificate verify failed" in said:
            return failed(
                "Your server speaks TLS, with a certificate that your root does not vouch for.",
                "A new authority needs a new server certificate, and an old server goes on showing the old one.",
                'Install `pem["server"]` and its key once more, and reload.',
                "other-certificate",
            )
        if "does not match host name" in said:
            return failed(
                "Your server speaks TLS, and its certificate is not for both of the names.",
                "Whoever calls it by the other name will be told to turn verification off.",
                "Is the certificate of 5.1 the one that the server shows? Install it, and reload.",
                "other-names",
            )
    return None


def _forced(warehouse: Warehouse) -> Report | None:
    if not come_in(warehouse, sslmode="disable"):
        return failed(
            "TLS works. A client that came in clear was let in as well.",
            "As long as clear text works, somebody will use it, and nobody will notice.",
            "Which line of `pg_hba.conf` fits a connection without TLS? The first one that fits counts.",
            "clear-still-allowed",
            share=0.5,
        )
    if "protocol version" not in come_in(warehouse, sslmode="require", ssl_max_protocol_version="TLSv1.2"):
        return failed(
            "Clear text is refused. A client that speaks no more than TLS 1.2 was not.",
            "TLS 1.2 shows both certificates on the link, and allows what 1.3 has thrown out.",
            "`ssl_min_protocol_version`; then reload.",
            "old-version",
            share=0.5,
        )
    return None


def _asked(warehouse: Warehouse) -> Report | None:
    if not come_in(warehouse, sslmode="require", password=secrets.token_hex(8)):
        return failed(
            "Only TLS gets in. So does everybody with a wrong password.",
            "`trust` means that nobody is asked who he is. Encryption does not do that for you.",
            "The last word of the line in `pg_hba.conf` says how to log in.",
            "trust-line",
        )
    said = come_in(warehouse, sslmode="require")
    if said and WANTS_CERTIFICATE not in said:
        return failed(
            f"Nobody gets in with TLS either: {said}.",
            "A server that refuses everybody is safe, and of no use.",
            "`hostssl all all 127.0.0.1/32 scram-sha-256`: link, database, user, from where, how.",
            "nobody-gets-in",
        )
    return None
