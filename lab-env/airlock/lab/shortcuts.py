"""Lesson 6's three shortcuts: connections to billing that work, are stored in the running Airflow, and cost something.

Each is one of the usual pitfalls. `attack` lets Airflow's own HttpHook use a connection with somebody on its link, and
says what he read: the connection stays as it is stored, only the machine that answers is the attacker's choice.
"""

from __future__ import annotations

import base64
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from urllib3.exceptions import InsecureRequestWarning

from airlock.lab.airflow import AirflowClient
from airlock.lab.clients import http_client
from airlock.lab.description import LabDown
from airlock.lab.view import View
from airlock.wire.captures import record
from airlock.wire.loot import Loot, loot

NAMES = ("invoices", "reminders", "refunds")
DOORS = ("http-strip", "http-self-signed", "http-wrong-host", "http-expired")
"""Somebody who listens, and three with a certificate that is worth nothing."""

_ENDPOINT = "invoices?limit=2"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Attack:
    """What became of one use of a connection.

    Attributes:
        answered: the hook got invoices.
        said: the hook's last words where it did not, without the password.
        gained: what somebody on the link read; nothing where nobody was there.
    """

    answered: bool
    said: str = ""
    gained: Loot = field(default_factory=Loot)


def conn_id(view: View, name: str) -> str:
    """The id of one of the three connections, e.g. of ``invoices``."""
    return f"{view.prefix}_{name}"


def plant(view: View | None = None) -> list[str]:
    """Store the three connections and return their ids. Idempotent; ``view`` defaults to this process's own.

    Raises:
        LabDown: Airflow does not answer.
    """
    view = view or View.current()
    airflow = AirflowClient(view.lab)
    for name, described in _shortcuts(view).items():
        airflow.request("DELETE", f"/api/v2/connections/{conn_id(view, name)}")
        row = {"connection_id": conn_id(view, name), "conn_type": "http"} | described
        airflow.request("POST", "/api/v2/connections", row)
    return [conn_id(view, name) for name in NAMES]


def stored(view: View, name: str) -> dict[str, Any] | None:
    """A connection as a task gets it: the row, decrypted; None when it is not there."""
    return AirflowClient(view.lab).stored_connection(conn_id(view, name))


def untouched(view: View) -> bool:
    """Whether all three are as `plant` has stored them."""
    rows = {name: stored(view, name) or {} for name in NAMES}
    return all(
        rows[name].get(field) == value for name, fields in _shortcuts(view).items() for field, value in fields.items()
    )


def shown(view: View, name: str) -> str:
    """What Airflow's API shows of it to everybody who may look at connections, as one text."""
    return AirflowClient(view.lab).request("GET", f"/api/v2/connections/{conn_id(view, name)}").text


def holds_password(view: View, text: str) -> bool:
    """Whether the shop's password can be read in ``text``: as it is, or as the header that HTTP makes of it."""
    pair = f"{view.shop.user}:{view.shop.password}"
    return view.shop.password in text or base64.b64encode(pair.encode()).decode() in text


def attack(view: View, row: Row, door: str = "") -> Attack:
    """Let HttpHook ask for invoices with a connection, with somebody at ``door`` on its link, or with nobody.

    Raises:
        LabDown: billing does not answer.
    """
    _reachable(view)
    if not door:
        return Attack(*_ask(view, row))
    with record(view.lab.wire, door, patience=1.5) as recording:
        answered, said = _ask(view, _detour(view, row, recording.port))
    return Attack(answered and bool(recording.connections), said, loot(recording.connections))


def _shortcuts(view: View) -> dict[str, dict[str, Any]]:
    billing, login = view.lab.billing, view.shop
    apart = {"login": login.user, "password": login.password}
    trusted = json.dumps({"verify": view.lab.ca_file})
    return {
        "invoices": {"host": billing.host, "port": billing.port, **apart},
        "reminders": {
            "host": f"https://{login.user}:{login.password}@{billing.host}",
            **{"port": billing.tls_port, "extra": trusted},
        },
        "refunds": {
            **{"schema": "https", "host": billing.host, "port": billing.tls_port, **apart},
            "extra": json.dumps({"verify": False}),
        },
    }


def _detour(view: View, row: Row, port: int) -> dict[str, Any]:
    """The same connection, on a network where somebody else answers for billing."""
    ours = {view.lab.billing.port, view.lab.billing.tls_port}
    host = str(row.get("host") or "")
    for each in ours:
        host = host.replace(f":{each}", f":{port}")
    return {**row, "host": host, "port": port if row.get("port") in ours else row.get("port")}


def _ask(view: View, row: Row) -> tuple[bool, str]:
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.sdk import Connection

    fields = ("conn_type", "host", "port", "login", "password", "schema", "extra")
    hook = HttpHook(method="GET", http_conn_id=str(row.get("conn_id", "billing")))
    try:
        given = Connection(conn_id="billing", **{name: row[name] for name in fields if row.get(name) is not None})
        hook.get_connection = lambda *_: given  # type: ignore[method-assign]
        with _quiet(hook):
            answer = hook.run(_ENDPOINT, extra_options={"timeout": 10}).json()
        return bool(answer["invoices"]), ""
    except Exception as error:  # whatever a hook raises for a setting: the caller shows it
        return False, f"{type(error).__name__}: {error}".replace(view.shop.password, "…")[:300]


@contextmanager
def _quiet(hook: Any) -> Iterator[None]:
    """The refusals are what is wanted here, and come back as words: no warnings about them."""
    hook._log = logging.getLogger(f"{__name__}.unheard")
    hook._log.disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        yield


def _reachable(view: View) -> None:
    try:
        with http_client(view.lab.ca_file) as client:
            client.get(f"{view.lab.billing.https}/health").raise_for_status()
    except httpx.HTTPError as error:
        raise LabDown(f"Billing does not answer on {view.lab.billing.https}: {error}") from None
