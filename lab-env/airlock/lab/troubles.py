"""Lesson 6's troubles: four things that go wrong in a team's warehouse and vault without an error anywhere.

A certificate that nobody has renewed, a rule that lets clear text in, a client that breaks a handshake off, and a robot
that asks for what it may not read.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import hvac
import hvac.exceptions
import psycopg

from airlock.lab import vault_team
from airlock.lab.pki_engine import PkiEngine, refusals, sign
from airlock.lab.vault import client
from airlock.lab.view import View
from airlock.lab.warehouse import Warehouse
from airlock.pki import Authority

KINDS = ("expiring", "plain-session", "tls-failure", "refused-read")
"""What `keep_watch` calls them."""

FORBIDDEN = "connections/payroll"
_POLICY = 'path "{mount}/data/connections/robot" {{ capabilities = ["read"] }}'
_NEGLECTED = "neglected"  # a role of the PKI engine: dated back, so that most of the certificate's life is over
_RULE = "host all all 127.0.0.1/32 scram-sha-256"


def robot(view: View) -> str:
    """The name of the robot's AppRole and policy."""
    return f"{view.prefix}-robot"


def make(view: View | None = None) -> None:
    """Let all four happen. ``view`` defaults to this process's own; takes about a second.

    Raises:
        ValueError: the warehouse or the authority of the team is not set up.
        LabDown: a service does not answer.
    """
    view = view or View.current()
    neglect(view)
    let_clear_text_in(view)
    break_a_handshake_off(view)
    ask_for_too_much(view)


def neglect(view: View) -> None:
    """Serve a certificate of the team's authority of which less than a third of its life is left."""
    server, mount, admin = Warehouse(view), PkiEngine(view).mount, vault_team.administrator(view)
    with refusals():
        admin.secrets.pki.create_or_update_role(
            _NEGLECTED,
            {
                **{"allowed_domains": [server.host], "allow_bare_domains": True, "key_type": "ec", "key_bits": 256},
                **{"allow_localhost": True, "ttl": "40m", "max_ttl": "40m", "not_before_duration": "3h"},
            },
            mount_point=mount,
        )
    old = sign(admin, mount, server.host, _NEGLECTED)
    server.install(certificate=old.certificate, key=old.key)
    server.reload()


def let_clear_text_in(view: View) -> None:
    """Put a rule in force that does not insist on TLS, and log in without it."""
    server = Warehouse(view)
    server.rules(_RULE)
    server.reload()
    plain_login(view).close()


def plain_login(view: View) -> psycopg.Connection[tuple[object, ...]]:
    """Log in to the team's warehouse in clear. Raises `psycopg.OperationalError` when it does not let anybody."""
    login = Warehouse(view).login
    return psycopg.connect(
        host=login.host,
        port=login.port,
        dbname=login.database,
        user=login.user,
        password=login.password,
        sslmode="disable",
        application_name="old-report",
        connect_timeout=5,
    )


def break_a_handshake_off(view: View) -> None:
    """Call the team's warehouse as a client that trusts another authority: it sends an alert and goes."""
    login = Warehouse(view).login
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "root.pem"
        other.write_bytes(Authority.root("Another authority").identity.certificate_pem)
        with suppress(psycopg.OperationalError):
            psycopg.connect(
                host=login.host,
                port=login.port,
                dbname=login.database,
                user=login.user,
                sslmode="verify-full",
                sslrootcert=str(other),
                connect_timeout=5,
            ).close()


def ask_for_too_much(view: View) -> None:
    """A robot of the team's, with a policy for one connection, asks for another one."""
    admin, name, mount = vault_team.administrator(view), robot(view), vault_team.mount(view)
    admin.sys.create_or_update_policy(name, _POLICY.format(mount=mount))
    admin.auth.approle.create_or_update_approle(name, token_policies=[name], token_ttl="5m")
    role_id = admin.auth.approle.read_role_id(name)["data"]["role_id"]
    secret_id = admin.auth.approle.generate_secret_id(name)["data"]["secret_id"]
    asking = client(view.lab)
    asking.auth.approle.login(role_id, secret_id)
    with suppress(hvac.exceptions.Forbidden):
        asking.read(f"{mount}/data/{FORBIDDEN}")
