"""Judge of task 2.5: a session with the learner's own settings, over a link with somebody on it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import psycopg

from airlock.checks.catalogue import task
from airlock.checks.for_hook import for_hook
from airlock.checks.lesson1_diagnosis import explain, wrong_type
from airlock.checks.lesson1_forms import Fields
from airlock.checks.lesson1_login import Refused, arguments, is_shop, last_words, log_in
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab import Login, View
from airlock.wire.captures import record
from airlock.wire.loot import loot

PASSIVE, ACTIVE = "eavesdropper", "cleartext"
_PASSWORD = "the password"


@dataclass(frozen=True)
class Trial:
    """What became of one session through a door. ``got`` are the kinds of things the attacker read."""

    works: bool
    got: tuple[str, ...]
    said: str = ""


def attempt(view: View, fields: Fields, door: str) -> Trial:
    """Run a session as PostgresHook would, through a door of the wire, and see what the attacker has then."""
    mark, works, said = f"mark-{secrets.token_hex(8)}", False, ""
    with record(view.lab.wire, door, patience=3.0) as recording:
        # The settings are the learner's; which machine answers is the attacker's choice, as with a spoofed DNS answer.
        here = {"host": view.lab.postgres.host, "hostaddr": "127.0.0.1", "port": recording.port}
        try:
            with psycopg.connect(**(arguments(fields) | here), autocommit=True) as session:
                works = session.execute(f"select '{mark}' as seal".encode()).fetchone() == (mark,)
        except (psycopg.Error, ValueError, TypeError) as error:
            said = last_words(error)
    gained = loot(recording.connections)
    read = {
        _PASSWORD: bool(fields.password) and gained.password == fields.password,
        "the SQL": any(mark in text for text in gained.sql),
        "a row": any(mark in (value or "") for row in gained.rows for value in row),
    }
    return Trial(works, tuple(name for name, seen in read.items() if seen), said)


def judge_link(view: View, fields: Fields, login: Login) -> Report:
    """The connection logs in as ``login``, and nobody on its link reads anything."""
    return wrong_type(fields) or _no_login(view, fields, login) or _on_the_link(view, fields, login)


def _no_login(view: View, fields: Fields, login: Login) -> Report | None:
    try:
        session = log_in(view, fields)
    except Refused as refused:
        return _no_root(str(refused)) or explain(fields, login, str(refused))
    if is_shop(session, login):
        return None
    return explain(fields, login, f"the server let {session.user} into {session.database}")


def _on_the_link(view: View, fields: Fields, login: Login) -> Report:
    quiet = attempt(view, fields, PASSIVE)
    if quiet.got:
        return _in_clear(fields, quiet)
    if not quiet.works:
        return explain(fields, login, quiet.said)
    loud = attempt(view, fields, ACTIVE)
    if loud.got:
        return failed(
            f"The eavesdropper read nothing. Then somebody on the link said “no TLS here”, and had {_all(loud.got)}.",
            "A client that only *prefers* TLS goes on without it when it is told so. Telling it so takes one byte."
            + (" Then he asked for the password in clear, and got it, SCRAM or not." if _PASSWORD in loud.got else ""),
            "There is a value that insists. Which ones are there? `sslmode` has six.",
            "gives-in",
            share=0.5,
        )
    return passed(
        "The session worked with an eavesdropper on the link, and he read no password, no SQL and no row. Told that "
        "there is no TLS, the client went away.",
        "Who it is that answers was not asked yet: that is lesson 5.",
    )


def _in_clear(fields: Fields, trial: Trial) -> Report:
    if "require_auth" in fields.extra:
        return failed(
            f"You insist on a way to log in. The eavesdropper still has {_all(trial.got)}.",
            "`require_auth` protects the password from a server that asks for it in clear. It does not touch the link.",
            "What decides whether the *link* is encrypted?",
            "login-is-not-the-link",
        )
    return failed(
        f"The session worked, and the eavesdropper has {_all(trial.got)}.",
        "Everybody between the task and the server can do the same, without leaving a trace.",
        "Which extra tells libpq whether to use TLS, and what does yours say?",
        "still-in-clear",
    )


def _no_root(said: str) -> Report | None:
    if "root certificate file" not in said:
        return None
    return failed(
        f"No session: {said}.",
        "To verify a certificate, the client has to be told whom it trusts. Refusing is the right thing to do here.",
        "`sslrootcert` names the file with the authority's certificate; this lab's is `me.view.lab.ca_file`. "
        "Or insist on encryption without verifying, for now.",
        "no-root-file",
    )


def _all(got: tuple[str, ...]) -> str:
    return " and ".join([", ".join(got[:-1]), got[-1]]) if len(got) > 1 else got[0]


@task(
    "2.5",
    "Stop the leak",
    3,
    hints=(
        "The login decides about the password, the link about everything else. One extra of the connection is about "
        "the link.",
        "`sslmode` goes into `extra`, which is JSON text. Left out, it is `prefer`: TLS if the server offers it, and "
        "anybody on the link can say that it does not.",
        '`extra=json.dumps({"sslmode": "require"})`. Stronger still: `verify-full`, with `sslrootcert` set to '
        "`me.view.lab.ca_file`.",
    ),
)
def sealed(world: World) -> Report:
    """A session with the connection `sealed` gives nothing to anybody on its link."""
    fields = for_hook(world.value("sealed"), "sealed", "…", "a hook's session use it")
    if isinstance(fields, Report):
        return fields
    return judge_link(world.view, fields, world.view.shop)
