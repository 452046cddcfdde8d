"""Judges of lesson 2's exercises."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from string import Template
from typing import Any

from airlock.checks.exercises import exercise
from airlock.checks.exercises1 import variables
from airlock.checks.lesson1_forms import Fields, Unreadable, read
from airlock.checks.lesson2_http import DOOR, Call, call
from airlock.checks.lesson2_links import judge_link
from airlock.checks.report import Outcome, Report, failed, passed
from airlock.checks.script import run
from airlock.lab import View

_SHOP, _BILLING = "AIRFLOW_CONN_SHOP", "AIRFLOW_CONN_BILLING"


@exercise("lesson-2/secure-by-name")
def secure_by_name(folder: Path, view: View) -> Report:
    """Neither connection of the file can be read on the way."""
    try:
        lines = variables(_filled((folder / "connections.env").read_text(), view))
        shop, billing = (_fields(lines, name) for name in (_SHOP, _BILLING))
    except Unreadable as error:
        return failed(
            f"Airflow cannot read the file: {error}.",
            "A task does not even learn that: it is told that the connection is not defined.",
            "One line for each variable: a URI, or JSON without line breaks.",
            "unreadable-line",
        )
    link = judge_link(view, shop, view.shop)
    if link.outcome is not Outcome.PASSED:
        return failed(f"The shop's connection: {link.saw}", link.why, link.look, link.misconception)
    return _billing(billing, call(view, lines[_BILLING]), view) or passed(
        "Nobody on the way read anything of the shop's sessions, nor of the hook's call to billing, which got its "
        "invoices.",
        "The file does not only say so: sessions with its settings were run, with attackers on the link.",
    )


def _filled(text: str, view: View) -> str:
    shop, wire = view.shop, view.lab.wire
    return Template(text).safe_substitute(
        SHOP_USER=shop.user,
        SHOP_PASSWORD=shop.password,
        SHOP_HOST=shop.host,
        SHOP_PORT=shop.port,
        SHOP_DATABASE=shop.database,
        BILLING_USER=shop.user,
        BILLING_PASSWORD=shop.password,
        # The name is the service's, the port the attacker's.
        BILLING_HOST=view.lab.billing.host,
        BILLING_PORT=wire.doors[DOOR],
    )


def _fields(lines: dict[str, str], name: str) -> Fields:
    if not lines.get(name):
        raise Unreadable(f"no line begins with `{name}=`")
    return read(lines[name])


def _billing(fields: Fields, made: Call, view: View) -> Report | None:
    if made.gained.requests:
        had = "the password" if made.gained.password == view.shop.password else "the request"
        saw = f"The hook called billing in clear: somebody on the way has {had}{' and the invoices' * made.answered}."
        if fields.conn_type == "https":
            return failed(
                saw,
                "In a URI, `https` is the connection's type. The protocol is in the field `schema`; empty means http.",
                "Where does the field `schema` stand in a URI? JSON has it by name.",
                "scheme-is-the-type",
            )
        return failed(
            saw,
            "HttpHook builds the URL from `schema` and `host`. No extra of the connection changes that.",
            '`"schema": "https"`, or a host that begins with `https://`.',
            "schema-not-https",
        )
    if made.answered:
        return None
    return failed(
        f"The hook called, and no invoices came. It says: {made.said or 'nothing; billing was not asked'}",
        "A link that nobody uses is easy to encrypt. The invoices stopped, too.",
        "Read the line into a Connection and compare login, password, host and port with the line as it was.",
        "other-place",
    )


@exercise("lesson-2/support-bundle")
def support_bundle(folder: Path, view: View) -> Report:
    """The script's output holds what the desk needs and none of the secrets, in no form."""
    export, hidden = _export(view)
    done = run(folder / "bundle.py", text=json.dumps(export))
    if done.trouble:
        return _broken(f"`bundle.py` {done.trouble}")
    try:
        listed = json.loads(done.output)
    except ValueError:
        listed = None
    if not isinstance(listed, dict):
        return _broken("`bundle.py` prints no JSON object.")
    for where, secret in hidden.items():
        for form, text in _forms(secret).items():
            if text.lower() in done.output.lower():
                return failed(
                    f"A secret that was {where} is in the output, {form}.",
                    "The vendor's ticket system keeps it for seven years, and half of its staff may search it.",
                    "Hiding what you know to be secret is a race against the next name. What does the desk need?",
                    _MISCONCEPTIONS.get(form) or _MISCONCEPTIONS[where],
                )
    for conn_id, connection in export.items():
        wanted = {"conn_type": connection["conn_type"], "port": connection["port"], "host": f"{conn_id}.internal"}
        if not isinstance(listed.get(conn_id), dict) or any(listed[conn_id].get(k) != v for k, v in wanted.items()):
            return failed(
                f"No secret is in the output. What the desk needs about `{conn_id}` is not there either.",
                "A bundle that says nothing costs another day, and then somebody sends the whole export.",
                "For each id: `conn_type`, `port`, and `host` with the name of the machine alone.",
                "nothing-left",
            )
    return passed(
        f"The script was run on {len(export)} connections with {len(hidden)} secrets in them. None is in its output.",
        "It lists what may leave, not what may not: the next field is hidden before anybody thinks of it.",
    )


_MISCONCEPTIONS = {
    "in base64": "base64-is-no-lock",
    "backwards": "base64-is-no-lock",
    "in a password": "password-shown",
    "in a host": "url-in-the-host",
    "in an extra": "list-of-names",
    "deep in an extra": "nested-extra",
    "in a description": "free-text",
    "in a login": "key-as-login",
}


def _export(view: View) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Connections as Airflow exports them, and the secrets in them by where they are."""
    places = [place for place in _MISCONCEPTIONS if place not in ("in base64", "backwards")]
    hidden = {place: f"{view.seed.word(f'bundle/{place}')}-{secrets.token_hex(4)}" for place in places}
    empty: dict[str, Any] = {"login": None, "schema": None, "description": None, "extra": {}}
    shop = {"conn_type": "postgres", "host": "shop.internal", "port": 5432, "password": hidden["in a password"]}
    billing = {
        "conn_type": "http",
        "host": f"https://robot:{hidden['in a host']}@billing.internal/v1",
        "port": 443,
        "password": None,
        "description": f"old password: {hidden['in a description']}",
    }
    maps = {
        "conn_type": "http",
        "host": "maps.internal",
        "port": 8443,
        "login": hidden["in a login"],
        "password": "",
        "extra": {
            secrets.token_hex(3): hidden["in an extra"],
            "headers": {"x-auth": ["Bearer", hidden["deep in an extra"]]},
        },
    }
    return {"shop": empty | shop, "billing": empty | billing, "maps": empty | maps}, hidden


def _forms(secret: str) -> dict[str, str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {"as it is": secret, "in base64": encoded[:-2], "backwards": secret[::-1]}


def _broken(saw: str) -> Report:
    return failed(
        saw,
        "Without the script, somebody sends the export as it is.",
        "Run it in a terminal: `python bundle.py < sample.json`.",
        "script-fails",
    )
