"""Judge of lesson 5's exercise about TLS extras that no provider reads."""

from __future__ import annotations

from pathlib import Path
from string import Template

from airlock.checks.exercises import exercise
from airlock.checks.exercises1 import variables
from airlock.checks.lesson1_forms import Fields, Unreadable, read
from airlock.checks.lesson1_login import Refused, is_shop, log_in
from airlock.checks.lesson2_links import attempt
from airlock.checks.lesson5_https import ATTACKERS, HONEST, Call, calls
from airlock.checks.report import Report, failed, passed
from airlock.lab import View

SHOP, BILLING = "AIRFLOW_CONN_SHOP", "AIRFLOW_CONN_BILLING"
ISSUED = "http-mis-issued"  # whoever verifies trusts it, too: there one sees what is sent inside TLS
FORGERS = ("downgrade", "cleartext-forged", "self-signed", "wrong-host", "expired")


def filled(text: str, view: View) -> str:
    """A file of the deployment, with the values that the platform puts in."""
    shop, billing = view.shop, view.lab.billing
    return Template(text).safe_substitute(
        SHOP_USER=shop.user,
        SHOP_PASSWORD=shop.password,
        SHOP_HOST=shop.host,
        SHOP_PORT=shop.port,
        SHOP_DATABASE=shop.database,
        BILLING_USER=shop.user,
        BILLING_PASSWORD=shop.password,
        BILLING_HOST=billing.host,
        BILLING_PORT=billing.tls_port,
        CA=view.lab.ca_file,
    )


def unreadable(error: Unreadable) -> Report:
    """A line that Airflow cannot read."""
    return failed(
        f"Airflow cannot read the file: {error}.",
        "A task does not even learn that: it is told that the connection is not defined.",
        "One line for each variable: a URI, or JSON without line breaks.",
        "unreadable-line",
    )


@exercise("lesson-5/words-of-others")
def words_of_others(folder: Path, view: View) -> Report:
    """Both connections work, verify the server, and send nothing that is nobody's business."""
    lines = variables(filled((folder / "connections.env").read_text(), view))
    try:
        shop, billing = (_fields(lines, name) for name in (SHOP, BILLING))
    except Unreadable as error:
        return unreadable(error)
    return (
        _shop(view, shop)
        or _billing(calls(view, billing, (HONEST, *ATTACKERS, ISSUED)))
        or passed(
            f"Both connections reached their servers. {len(FORGERS)} attackers in front of the shop and "
            f"{len(ATTACKERS)} in "
            "front of billing were refused, and no key's path was sent to anybody.",
            "There is no word for TLS that every provider knows. There is an experiment that works with all of them.",
        )
    )


def _fields(lines: dict[str, str], name: str) -> Fields:
    if not lines.get(name):
        raise Unreadable(f"no line begins with `{name}=`")
    return read(lines[name])


def _shop(view: View, fields: Fields) -> Report | None:
    try:
        if not is_shop(log_in(view, fields), view.shop):
            raise Refused("it logs in as somebody else")
    except Refused as refused:
        if "invalid connection option" in str(refused):
            return failed(
                f"The shop's connection: {refused}.",
                "PostgresHook hands every extra to libpq, and libpq knows its own words only. That it stops is luck.",
                "libpq's names for the authority and for how much to verify are `sslrootcert` and `sslmode`.",
                "not-libpqs-word",
            )
        return failed(
            f"The shop's connection: no session, {refused}.",
            "A refusal is about one field; its text says which.",
            "Login, place and `sslrootcert` are what the platform fills in.",
            "shop-does-not-work",
        )
    for door in FORGERS:
        trial = attempt(view, fields, door)
        if trial.got:
            return failed(
                f"The shop's connection works, and through `{door}` somebody has {' and '.join(trial.got)}.",
                "Leaving the extras out “works” because libpq asks for little when it is asked for nothing.",
                "How much does your `sslmode` verify? The highest rung refuses this attacker.",
                "shop-not-verified",
            )
    return None


def _billing(made: dict[str, Call]) -> Report | None:
    honest = made[HONEST]
    if honest.gained.requests:
        return failed(
            "HttpHook called billing in clear.",
            "No extra helps against that.",
            '`"schema": "https"`, as it was.',
            "in-clear",
        )
    if not honest.answered:
        untrusted = "SSL" in honest.said or "CERTIFICATE" in honest.said
        return failed(
            f"HttpHook got no invoices. It says: {honest.said[:200]}",
            "It refused the real server, because nobody told it of the authority; what it does not know became a "
            "header."
            if untrusted
            else "Whatever it was told, it could not use.",
            "HttpHook's word for the authority is `verify`, and its value is the path of the file.",
            "billing-not-told" if untrusted else "billing-does-not-work",
        )
    for door in ATTACKERS:
        if made[door].gained.is_session:
            return failed(
                f"The invoices come, and through `{door}` somebody gets the password with them.",
                "A check that was switched off does not complain any more.",
                "`verify` with the path of the authority, not `false`.",
                "verify-off",
            )
    if sent := sorted(name for name in made[ISSUED].headers if name.startswith("ssl")):
        return failed(
            f"Both connections verify. Billing is still sent a header `{sent[0]}`, with what it holds.",
            "Paths of keys are nobody's business, and access logs are kept for years.",
            "What HttpHook does not know, it sends. Take it out.",
            "sent-as-a-header",
        )
    return None
