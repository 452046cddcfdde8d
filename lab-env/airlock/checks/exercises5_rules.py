"""Judge of lesson 5's exercise about a `pg_hba.conf`: put in force at the team's own server, and tried from outside."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any

from psycopg import sql

from airlock.checks.exercises import exercise
from airlock.checks.lesson5_server import come_in, running
from airlock.checks.report import Report, failed, passed
from airlock.lab import View
from airlock.lab.warehouse import Warehouse
from airlock.pki import Authority


@exercise("lesson-5/anybody-with-a-certificate")
def anybody_with_a_certificate(folder: Path, view: View) -> Report:
    """The loader by its certificate, everybody else by a password over TLS, nobody else and nothing in clear."""
    warehouse = running(view)
    if isinstance(warehouse, Report):
        return warehouse
    text = Template((folder / "pg_hba.conf").read_text()).safe_substitute(LOADER=warehouse.login.user)
    kept = {file: file.read_bytes() for file in _files(warehouse)}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return _tried(warehouse, text, Path(scratch))
        finally:
            # The server is the learner's: as it was, certificates included.
            for file in _files(warehouse):
                if file in kept:
                    file.write_bytes(kept[file])
                else:
                    file.unlink()
            warehouse.reload()


def _files(warehouse: Warehouse) -> list[Path]:
    return [file for file in warehouse.folder.iterdir() if file.is_file()]


def _tried(warehouse: Warehouse, text: str, scratch: Path) -> Report:
    authority = Authority.root("the company")
    server = authority.server("warehouse", [warehouse.host])
    warehouse.install(server.certificate_pem, server.key_pem, authority.identity.certificate_pem)
    warehouse.configure(ssl="on")
    warehouse.rules(text)
    said = warehouse.reload()
    if trouble := [line for line in said if "pg_hba" in line or "authentication" in line or "line" in line]:
        return failed(
            f"The server does not take the file: {trouble[0][:220]}",
            "It goes on with the rules that it had, until somebody restarts it.",
            "Five fields a line: type, database, user, address, method; options of the method after it.",
            "not-a-rule",
        )
    papers = {}
    for owner, issuer in (("loader", authority), ("stranger", Authority.root("somebody else"))):
        certificate, key = issuer.client(warehouse.login.user).write(scratch, owner)
        papers[owner] = {"sslcert": str(certificate), "sslkey": str(key), "sslcertmode": "allow", "sslmode": "require"}
    reporter, password = f"reports_{secrets.token_hex(4)}", secrets.token_hex(8)
    with _logins(warehouse, {reporter: password, "monitor": None}):
        return _knocked(warehouse, papers, {"user": reporter, "password": password})


@contextmanager
def _logins(warehouse: Warehouse, passwords: dict[str, str | None]) -> Iterator[None]:
    """More logins of the server, for as long as the block takes."""
    with warehouse.admin() as session:
        database, made = sql.Identifier(warehouse.login.database), []
        try:
            for name, password in passwords.items():
                role = sql.Identifier(name)
                session.execute(sql.SQL("create role {} login password {}").format(role, sql.Literal(password)))
                made.append(role)
                session.execute(sql.SQL("grant connect on database {} to {}").format(database, role))
            yield
        finally:
            for role in made:
                session.execute(sql.SQL("drop owned by {}").format(role))
                session.execute(sql.SQL("drop role {}").format(role))


def _knocked(warehouse: Warehouse, papers: dict[str, dict[str, str]], reporter: dict[str, Any]) -> Report:
    tls, wrong = {"sslmode": "require"}, {"password": secrets.token_hex(8)}
    for settings, saw, why, look, misconception in (
        (
            reporter | {"sslmode": "disable"},
            "A client that came in clear was let in.",
            "It shows its queries and rows to everybody on the link.",
            "`host` fits with TLS and without. Which type fits only with it?",
            "clear-let-in",
        ),
        (
            tls | reporter | wrong,
            "A login other than the loader's was let in with a wrong password and no certificate.",
            "`trust` asks for nothing. An address is no proof of anything.",
            "Which line says `trust`?",
            "trust-line",
        ),
        (
            {"user": "monitor", "sslmode": "disable"},
            "Whoever calls himself `monitor` on the server is let in.",
            "Every process on the machine, and everybody who gets onto it.",
            "Every other login has a password, the exporter's included.",
            "trust-on-the-machine",
        ),
        (
            papers["loader"] | {"user": "postgres", "dbname": "postgres"},
            "The loader's certificate logs in as `postgres`.",
            "`clientcert=verify-ca` asks whether the certificate is one of ours, not whose it is.",
            "The method `cert` compares the certificate's name with the user.",
            "opens-every-login",
        ),
        (
            papers["loader"] | reporter | wrong,
            "The loader's certificate logs in as somebody else, without his password.",
            "A certificate is a name. Whoever has another one has to prove it.",
            "Which line fits a client with a certificate that wants to be somebody else?",
            "opens-every-login",
        ),
        (
            tls,
            "The loader gets in with its password alone.",
            "The password was to be retired. The stolen copy still works.",
            "A line for `${LOADER}` has to stand above the one for everybody, and ask for the certificate.",
            "password-still-enough",
        ),
        (
            papers["stranger"],
            "A certificate in the loader's name, of an authority that nobody knows, was let in.",
            "Everybody can write a name into a certificate.",
            "The method has to look at the certificate.",
            "any-certificate",
        ),
    ):
        if not come_in(warehouse, **settings):
            return failed(saw, why, look, misconception)
    for settings, who, misconception in (
        (papers["loader"] | wrong, "the loader with its certificate", "loader-locked-out"),
        (tls | reporter, "another login with its password, over TLS", "others-locked-out"),
    ):
        if said := come_in(warehouse, **settings):
            return failed(
                f"Nobody gets in who should not. Nor does {who}: {said}.",
                "A server that locks out its own is opened again in a hurry, with `trust`.",
                "Two kinds of clients, two lines.",
                misconception,
            )
    return passed(
        "The loader came in by its certificate, another login by its password over TLS, and seven others were refused.",
        "A rule is what it refuses. Try it with what should not work.",
    )
