"""Why a connection did not log in, in the order a person would look: host, login, password, database, port."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

from airlock.checks.lesson1_forms import Fields
from airlock.checks.lesson1_login import LOOPBACK
from airlock.checks.report import Report, failed
from airlock.lab import Login

_TYPES = {"postgres", "postgresql"}


def wrong_type(fields: Fields) -> Report | None:
    """A report when no PostgreSQL hook would be chosen for this connection."""
    if fields.conn_type in _TYPES:
        return None
    if "://" in (fields.schema or ""):
        return failed(
            "Airflow finds no type, no host and no login: it takes the whole line for a schema.",
            "The signs that hold a URI together (`://`, `:`, `@`, `/`) have to stay as they are.",
            "Encode the parts, each by itself, before they are put together.",
            "whole-uri-encoded",
        )
    return failed(
        f"The connection's type is {fields.conn_type!r}."
        if fields.conn_type
        else "The connection has no type (`conn_type`, or the scheme at the front of the URI).",
        "Airflow picks the hook by the type: another type means another hook, or none.",
        "The shop is a PostgreSQL database. Which type did the first query of this lesson use?",
        "wrong-type",
    )


def explain(fields: Fields, expected: Login, said: str) -> Report:
    """Why a login with ``fields`` did not end as ``expected``; ``said`` is what the client or the server said."""
    for diagnosis in (_about_host, _about_login, _about_password, _about_database, _about_port):
        if report := diagnosis(fields, expected):
            return report
    return failed(
        f"The login did not work: {said}.",
        "A connection is only as good as the session that comes out of it.",
        "Host, port, login, password and schema look usable; the message is about what is left, often an extra.",
        "unknown-option" if "invalid connection option" in said else "no-session",
    )


def _about_host(fields: Fields, expected: Login) -> Report | None:
    host = fields.host or ""
    if host in LOOPBACK | {expected.host}:
        return None
    if host and "@" in expected.password and expected.password.split("@", 1)[1].lower().startswith(host.lower()):
        return failed(
            f"Airflow reads the host as {host!r} and the password as {len(fields.password or '')} characters.",
            "Nothing complained: the text was a valid URI, only not the one that was meant. "
            "The mistake shows up later, somewhere else.",
            "Which character ended the password too early? A URI gives it a meaning, so it has to be written "
            "as a percent sign and two digits.",
            "password-not-encoded",
        )
    if not host:
        return failed(
            "The connection has no host.",
            "Without a host, libpq looks for a socket file on this machine, or nothing at all.",
            "The host stands between `@` and the next `:` or `/` of a URI, or in the field `host`.",
            "no-host",
        )
    return failed(
        f"Airflow reads the host as {host!r}. The shop is not there.",
        "Host and port decide which machine is asked; the rest does not matter if they are wrong.",
        "Compare with `me.shop.host`. A scheme, a port or a login inside the host field also gives a wrong host.",
        "wrong-host",
    )


def _about_login(fields: Fields, expected: Login) -> Report | None:
    if fields.login == expected.user:
        return None
    saw, look = f"The login is {fields.login!r}.", "This task is about another login. Read its first line again."
    if not fields.login:
        saw, look = "The connection has no login.", "Say who is calling: the field `login`, and `password` with it."
    return failed(
        saw,
        "The server decides by the login what may be read and written.",
        look,
        "other-login" if fields.login else "no-login",
    )


def _about_password(fields: Fields, expected: Login) -> Report | None:
    given, right = fields.password or "", expected.password
    if given == right:
        return None
    why = "The server compares the password that Airflow has read, character by character. One off is a refusal."
    if not given:
        return failed("The connection has no password.", why, "Which field is left to fill in?", "no-password")
    return _about_encoding(given, right, why) or failed(
        f"The server refuses the password that Airflow reads ({len(given)} characters).",
        why,
        "Compare it with the login's password: `me.shop.password`, `me.courier.password`.",
        "wrong-password",
    )


def _about_encoding(given: str, right: str, why: str) -> Report | None:
    if given.strip("*") == "":
        return failed(
            "The password is a row of asterisks.",
            "Airflow's API shows *** in place of a secret. Sent back as a new connection, *** is the password.",
            "Take the password from where you have it in clear (`me.shop`), not from an answer of the API.",
            "masked-password",
        )
    if given in (quote(right, safe=""), quote(right), quote_plus(right)):
        return failed(
            "Airflow reads a password that still has percent codes in it.",
            why,
            "Something was encoded once too often. Only a URI needs encoding, and it needs it once.",
            "encoded-twice",
        )
    if given.replace("+", " ") == right.replace("+", " "):
        return failed(
            "Airflow reads a password that has `+` where a space belongs.",
            "`+` means a space in the query of a URI, after the `?`. Before the `@`, it is a plus sign.",
            "Look for a function that writes a space as `%20`.",
            "plus-for-space",
        )
    if right.startswith(given):
        return failed(
            f"Airflow reads only the first {len(given)} characters of the password.",
            why,
            "Which character comes next in the password, and what does it mean in a URI?",
            "password-not-encoded",
        )
    return None


def _about_database(fields: Fields, expected: Login) -> Report | None:
    if fields.schema == expected.database:
        return None
    return failed(
        f"The connection's schema is {fields.schema!r}." if fields.schema else "The connection has no schema.",
        "For PostgreSQL, Airflow's field `schema` holds the *database*. Left out, the server looks for a database "
        "named like the login.",
        "Which database does your team have? `me.shop` knows.",
        "schema-is-the-database",
    )


def _about_port(fields: Fields, expected: Login) -> Report | None:
    if fields.port == expected.port:
        return None
    return failed(
        f"The port is {fields.port}." if fields.port else "The connection has no port, so PostgreSQL's 5432 was tried.",
        "This lab, like many real ones, does not use the usual port.",
        "Take the port from `me.shop.port`: it differs from lab to lab.",
        "wrong-port" if fields.port else "no-port",
    )
