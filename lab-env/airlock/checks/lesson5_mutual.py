"""Judge of task 5.7: both ends show a certificate, and nobody without one of the learner's gets in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import psycopg

from airlock.checks.catalogue import task
from airlock.checks.lesson1_forms import Fields, Unreadable
from airlock.checks.lesson1_login import Refused, arguments, last_words
from airlock.checks.lesson5_server import come_in, running
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab.warehouse import Session, Warehouse
from airlock.pki import Authority

# Options that name the client's papers; a server's trusted process reads these files, and shows them to nobody.
PAPERS = ("sslcert", "sslkey")


def libpq(fields: Fields) -> dict[str, Any]:
    """What PostgresHook would hand to libpq, the client's papers included. Raises `Refused`."""
    return arguments(fields) | {name: str(fields.extra[name]) for name in PAPERS if name in fields.extra}


def session_of(warehouse: Warehouse, settings: dict[str, Any]) -> Session:
    """Open a session and return the server's own words about it. Raises `Refused`."""
    try:
        with psycopg.connect(**(settings | {"hostaddr": "127.0.0.1"})) as session:
            pid = session.info.backend_pid
            seen = [each for each in warehouse.sessions() if each.pid == pid]
    except (psycopg.Error, ValueError, TypeError) as error:
        raise Refused(last_words(error)) from None
    if not seen:
        raise Refused("something answered, and your server knows of no such session")
    return seen[0]


@task(
    "5.7",
    "Make it mutual",
    2,
    hints=(
        "Two sides. The server: by which authority does it verify clients, and what does it ask for instead of a "
        "password? The "
        "client: which three files does it need, and who may read the key?",
        "`cert` in place of `scram-sha-256` demands a certificate whose common name is the user. libpq's names "
        "are `sslcert` and "
        "`sslkey`; a key that others may read it refuses. The client still has to verify the server.",
        '`lab.warehouse.install(client_ca=pem["root"])`, '
        '`lab.warehouse.rules("hostssl all all 127.0.0.1/32 cert")`, reload. '
        "Write "
        "`root.crt`, `client.crt`, `client.key` to `files`, the key with mode 0600, and name them in `extra` as "
        "`sslrootcert`, "
        "`sslcert` and `sslkey`, with `sslmode` `verify-full`.",
    ),
    needs=("5.2",),
)
def mutual(world: World) -> Report:
    """`mutual` logs in by certificate and verifies the server; a password, a stranger's certificate, another
    login do not."""
    value, warehouse = world.value("mutual"), running(world.view)
    if isinstance(warehouse, Report):
        return warehouse
    if not isinstance(value, dict) or value.get("__type__") != "Connection":
        return failed(
            "`mutual` is no Connection.",
            "The check lets a hook's session use it.",
            '`mutual = Connection(conn_id=…, conn_type="postgres", …)`',
            "not-a-connection",
        )
    try:
        settings = libpq(Fields.of(value))
        session = session_of(warehouse, settings)
    except (Unreadable, Refused) as error:
        return no_session(str(error))
    return (
        _of_whom(warehouse, session)
        or _verifies(settings)
        or _strangers(warehouse, settings)
        or passed(
            f"The server knows the session as `{session.client_dn}`, {session.version}. A password, clear text, a "
            f"stranger's "
            "certificate with the right name and another login were all refused; and so was a server with "
            "another name." + (_UNASKED if value.get("password") else ""),
            "What opens this server is a key that never leaves its file. What the client trusts is an authority, not a "
            "network.",
        )
    )


_UNASKED = " Your connection holds a password that nobody asks for: one copy more to lose, so take it out."


def no_session(said: str) -> Report:
    """Why no session comes about: each text is about one file or one field."""
    for words, why, look, misconception in _SAID:
        if words in said:
            return failed(f"No session: {said}.", why, look, misconception)
    return failed(
        f"No session: {said}.",
        "Mutual TLS has twice as many files, and twice as many ways to be refused.",
        "The server's half of the story is in `lab.warehouse.log()`.",
        "no-session",
    )


_SAID = (
    (
        "group or world access",
        "Whoever reads the key is the client. libpq refuses a key that others may read.",
        'Mode 0600: `(files / "client.key").chmod(0o600)`.',
        "key-readable",
    ),
    (
        "client certificate",
        "The server demands a certificate, and the client showed none that it takes.",
        "`sslcert` and `sslkey` in the extras; and `client_ca` at the server is the root that signed it.",
        "no-client-certificate",
    ),
    (
        "unknown ca",
        "The server does not know the authority of the client's certificate, or cannot find the way to it.",
        "`lab.warehouse.install(client_ca=…)`, then reload. And does `client.crt` hold the intermediate, too?",
        "client-not-trusted",
    ),
    (
        "certificate authentication failed",
        "The certificate is good, and in another name than the user who wants to log in.",
        "The connection's login and the certificate's common name are the same text.",
        "other-user",
    ),
    (
        "certificate verify failed",
        "The client did not accept the server: the file in `sslrootcert` is not the authority that signed it.",
        "This server is yours, and so is its authority. `lab.ca_file` is that of the lab.",
        "other-authority",
    ),
    (
        "does not exist",
        "A path that leads nowhere. With `verify-full` the client says so.",
        "Write the file, and name it by its whole path.",
        "file-missing",
    ),
    (
        "key values mismatch",
        "The key in `sslkey` is not the one in the certificate.",
        "Both come from the same leaf: `client` and `client key`.",
        "key-of-another",
    ),
)


def _of_whom(warehouse: Warehouse, session: Session) -> Report | None:
    if session.user != warehouse.login.user:
        return failed(
            f"The session belongs to `{session.user}`.",
            "The application has a login of its own, with no more rights than it needs.",
            "`lab.warehouse.login.user`",
            "other-user",
        )
    if not session.client_dn:
        return failed(
            "The session works, and the server has seen no client certificate.",
            "Then it was a password that opened it, or nothing at all.",
            "Give the client its papers, and let the server's rule demand them.",
            "no-client-certificate",
        )
    return None


def _verifies(settings: dict[str, Any]) -> Report | None:
    """A report when the client would talk to a server of any name: that of the lab's attackers, for instance."""
    try:
        with psycopg.connect(**(settings | {"hostaddr": "127.0.0.1", "host": "somebody.else.example"})):
            pass
    except psycopg.Error as refusal:
        if "does not match host name" in str(refusal):
            return None
    return failed(
        "It works. The client also talks to a server whose name is not in the certificate.",
        "Mutual TLS keeps strangers away from the server. It does not keep your client away from strangers.",
        "`verify-full` compares the name.",
        "server-not-verified",
        share=0.5,
    )


def _strangers(warehouse: Warehouse, settings: dict[str, Any]) -> Report | None:
    if not come_in(warehouse, sslmode="require"):
        return failed(
            "The certificate opens the server. So does the password, without any certificate.",
            "A second lock helps only if both have to be opened. The stolen password still works.",
            "No line of `pg_hba.conf` may ask for a password any more.",
            "password-still-enough",
            share=0.5,
        )
    with tempfile.TemporaryDirectory() as folder:
        stranger = Authority.root("somebody else").client(warehouse.login.user)
        certificate, key = stranger.write(Path(folder), "stranger")
        if not come_in(warehouse, sslmode="require", sslcert=str(certificate), sslkey=str(key), sslcertmode="allow"):
            return failed(
                "A certificate with the right name, of an authority that nobody knows, opens the server.",
                "Everybody can write a name into a certificate of his own.",
                "`client_ca` holds your root, and the rule has to look: `cert`.",
                "any-certificate",
            )
    papers = {name: settings[name] for name in PAPERS if name in settings}
    if not come_in(warehouse, sslmode="require", user="postgres", dbname="postgres", **papers, sslcertmode="allow"):
        return failed(
            "Your client's certificate also logs in as `postgres`, the owner of the server.",
            "The certificate says who somebody is. A rule that does not compare lets him be anybody.",
            "`cert` compares common name and user; `trust` with `clientcert=verify-ca` does not.",
            "opens-every-login",
        )
    return None
