"""Which rule of pg_hba.conf a login falls under: a matter of the group roles it is a member of.

A server has two things to decide: whether it insists on TLS, and how the password is shown. Every combination is
there at once, so that experiments with one never disturb another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import get_args

from psycopg import sql

from airlock.lab.description import Lab
from airlock.lab.postgres import Session, connect_admin
from airlock.lab.view import Login, View
from airlock.wire.matrix import Authentication, ServerRule

_RULE_GROUP: dict[ServerRule, str | None] = {"host": None, "hostssl": "hostssl_only"}
_AUTHENTICATION_GROUP: dict[Authentication, str | None] = {
    "scram": None,
    "md5": "auth_md5",
    "password": "auth_password",
}
GROUPS = (*(group for group in (*_RULE_GROUP.values(), *_AUTHENTICATION_GROUP.values()) if group), "auth_trust")


def make_groups(lab: Lab) -> None:
    """Create the group roles that pg_hba.conf names. Idempotent."""
    with connect_admin(lab, "postgres") as session:
        present = {name for (name,) in session.execute("select rolname from pg_roles").fetchall()}
        for group in GROUPS:
            if group not in present:
                session.execute(sql.SQL("create role {} nologin").format(sql.Identifier(group)))


@contextmanager
def ruled_logins(view: View) -> Iterator[Mapping[tuple[ServerRule, Authentication], Login]]:
    """A login for every rule and authentication, with the rights of the view's shop login; gone after the block.

    Raises:
        LabDown: PostgreSQL does not answer.
    """
    logins: dict[tuple[ServerRule, Authentication], Login] = {}
    server, shop = view.lab.postgres, view.shop
    for rule in get_args(ServerRule):
        for authentication in get_args(Authentication):
            user = f"{rule}_{authentication}_{view.prefix}"
            password = view.seed.password(f"{rule}/{authentication}")
            logins[rule, authentication] = Login(server.host, server.port, shop.database, user, password)
    with connect_admin(view.lab, "postgres") as session:
        try:
            for (rule, authentication), login in logins.items():
                groups = [shop.user, _RULE_GROUP[rule], _AUTHENTICATION_GROUP[authentication]]
                _create(session, login, authentication, [group for group in groups if group])
            yield logins
        finally:
            for login in logins.values():
                session.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(login.user)))


def ensure_login(session: Session, login: Login, authentication: Authentication, member_of: list[str]) -> None:
    """Make ``login`` one that the server asks for its password in this way, with the rights of ``member_of``.

    Keeps the role when it is there already, and what was granted to it.
    """
    role = sql.Identifier(login.user)
    groups = [*member_of, *filter(None, [_AUTHENTICATION_GROUP[authentication]])]
    if not session.execute("select 1 from pg_roles where rolname = %s", [login.user]).fetchone():
        session.execute(sql.SQL("create role {} login").format(role))
    _store_as(session, authentication)
    session.execute(sql.SQL("alter role {} password {}").format(role, sql.Literal(login.password)))
    for group in groups:
        session.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), role))


def _create(session: Session, login: Login, authentication: Authentication, groups: list[str]) -> None:
    role = sql.Identifier(login.user)
    _store_as(session, authentication)
    session.execute(sql.SQL("drop role if exists {}").format(role))
    session.execute(
        sql.SQL("create role {} login password {} in role {}").format(
            role, sql.Literal(login.password), sql.SQL(", ").join(map(sql.Identifier, groups))
        )
    )


def _store_as(session: Session, authentication: Authentication) -> None:
    # The server can only ask for md5 what it has stored as md5; from a SCRAM verifier it asks SCRAM whatever the rule.
    stored = "md5" if authentication == "md5" else "scram-sha-256"
    session.execute(sql.SQL("set password_encryption = {}").format(sql.Literal(stored)))
