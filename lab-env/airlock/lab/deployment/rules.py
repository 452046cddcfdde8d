"""The database's rules for a team's logins: lines of pg_hba.conf, put in force on the lab's PostgreSQL.

The server is everybody's, so a team cannot edit its file. It can say what the file would say about the team's own
logins: the first line that fits a link decides, as in the file, and the login is put under the rules of the lab's own
file that come to the same (`airlock.lab.rules`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from psycopg import sql

from airlock.lab.deployment.place import folder_of
from airlock.lab.postgres import connect_admin
from airlock.lab.view import View

_KINDS = {"clear": ("host", "hostnossl"), "tls": ("host", "hostssl")}
_GROUPS = {"scram-sha-256": "", "password": "auth_password", "trust": "auth_trust"}
_OURS = ("hostssl_only", "auth_password", "auth_trust")


def lines(view: View) -> list[str]:
    """The lines that are in force; empty when there is no deployment."""
    file = _file(view)
    return file.read_text().splitlines() if file.exists() else []


def put(view: View, wanted: Sequence[str], logins: Collection[str]) -> None:
    """Put ``wanted`` in force for ``logins``, at once.

    Raises:
        ValueError: a line is none, or says what the lab's server cannot do; then nothing is changed.
        LabDown: PostgreSQL does not answer.
    """
    parsed = [found for found in map(_parsed, wanted) if found]
    groups = {login: _groups(parsed, view.database, login) for login in logins}
    with connect_admin(view.lab, "postgres") as session, session.transaction():
        for login, wanted_groups in groups.items():
            for group in _OURS:
                verb = "grant {} to {}" if group in wanted_groups else "revoke {} from {}"
                session.execute(sql.SQL(verb).format(sql.Identifier(group), sql.Identifier(login)))
    file = _file(view)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text("".join(f"{line}\n" for line in wanted))


def _parsed(line: str) -> list[str] | None:
    words = line.partition("#")[0].split()
    if not words:
        return None
    known = ("local", *_KINDS["clear"], "hostssl")
    if words[0] not in known or len(words) != (4 if words[0] == "local" else 5):
        raise ValueError(f"{line!r} is no line of pg_hba.conf: TYPE DATABASE USER ADDRESS METHOD")
    return words


def _groups(parsed: list[list[str]], database: str, login: str) -> set[str]:
    """The groups that come to the same as these lines."""
    clear, tls = (_method(parsed, database, login, kinds) for kinds in _KINDS.values())
    if tls == "reject":
        raise ValueError(f"no line lets {login} in over TLS, and its job has to go on")
    if tls not in _GROUPS:
        raise ValueError(f"the lab's server knows {', '.join(_GROUPS)} and reject, not {tls!r}")
    if clear not in ("reject", tls):
        raise ValueError(f"the lab's server cannot ask {login} for {clear} without TLS and for {tls} with it")
    return ({_GROUPS[tls]} | ({"hostssl_only"} if clear == "reject" else set())) - {""}


def _method(parsed: list[list[str]], database: str, login: str, kinds: tuple[str, ...]) -> str:
    for kind, databases, users, *_, method in parsed:
        if kind in kinds and _names(users, login) and _names(databases, database):
            return method
    return "reject"


def _names(field: str, name: str) -> bool:
    return bool({"all", name} & set(field.replace('"', "").split(",")))


def _file(view: View) -> Path:
    return folder_of(view) / "pg_hba.conf"
