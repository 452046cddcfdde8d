"""The attackers on the wire: each connection does its job through each of their doors, with its own settings.

The name is the server's, the address the attacker's: what a spoofed DNS answer does. Airflow's own hooks come in, so
what a setting is worth is found out, not looked up.
"""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from airlock.lab.deployment.resolve import Found
from airlock.lab.description import LabDown
from airlock.lab.ports import LOOPBACK
from airlock.lab.view import View
from airlock.wire.captures import record
from airlock.wire.loot import Loot, loot

POSTGRES_DOORS = (
    *("eavesdropper", "downgrade", "cleartext", "self-signed", "cleartext-forged"),
    *("wrong-host", "cleartext-wrong-host", "expired"),
)
HTTP_DOORS = ("http-eavesdropper", "http-strip", "http-self-signed", "http-wrong-host", "http-expired")
DOORS = (*POSTGRES_DOORS, *HTTP_DOORS)
QUERY = "select id, customer, quantity from orders order by id desc limit 20"
PATH = "/invoices?limit=20"

Taken = tuple[str, int, str]
"""Victim, bytes of secret, and what they were."""


def attack(view: View, victims: list[Found]) -> Iterator[tuple[str, list[Taken]]]:
    """Every door with every victim that speaks its protocol; doors side by side, told as they finish.

    Raises:
        LabDown: a door does not answer. Who is not there has read nothing, and that would prove nothing.
    """
    for door in DOORS:
        _answers(view, door)
    with _no_defaults(view.lab.ca_file), ThreadPoolExecutor(4) as pool:
        running = {pool.submit(_at_door, view, door, victims): door for door in DOORS}
        for done in as_completed(running):
            yield running[done], done.result()


def worth(found: Loot) -> tuple[int, str]:
    """How many bytes of secret a loot is, and what they were. A SCRAM exchange is a proof, no password."""
    parts = {
        "the password": [found.password],
        "a hash of the password": [found.hash],
        "a token": [found.token],
        "statements": [*found.sql, *(value or "" for row in found.parameters for value in row)],
        "rows": [value or "" for row in found.rows for value in row],
        "answers": list(found.answers),
    }
    sizes = {name: sum(len(text.encode()) for text in texts) for name, texts in parts.items()}
    return sum(sizes.values()), " and ".join(name for name, size in sizes.items() if size)


def through(view: View, door: str, job: Any) -> Loot:
    """What the attacker at a door read while ``job(port)`` ran; whatever it raises is a refusal."""
    with record(view.lab.wire, door, patience=2) as recording, suppress(Exception):
        job(recording.port)
    return loot(recording.connections)


def _answers(view: View, door: str) -> None:
    try:
        socket.create_connection((LOOPBACK, view.lab.wire.doors[door]), timeout=3).close()
    except (OSError, KeyError):
        raise LabDown(f"The wire's door {door} does not answer.") from None


def _at_door(view: View, door: str, victims: list[Found]) -> list[Taken]:
    kind, work = ("http", _fetch) if door in HTTP_DOORS else ("postgres", _query)
    mine = [each for each in victims if each.conn_type == kind and not each.host.startswith("/")]
    return [(each.conn_id, *worth(through(view, door, lambda port, each=each: work(each, port)))) for each in mine]


def _query(victim: Found, port: int) -> None:
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    session = PostgresHook(connection=victim.airflow(port=port)).get_conn()
    try:
        with session.cursor() as cursor:
            cursor.execute(QUERY)
            cursor.fetchall()
    finally:
        session.close()


def _fetch(victim: Found, port: int) -> None:
    from airflow.providers.http.hooks.http import HttpHook

    told = urlsplit(victim.host) if "://" in victim.host else None
    if told and told.port:  # the address may hold the port itself
        place = f"{told.netloc.rpartition(':')[0]}:{port}"
        connection = victim.airflow(host=urlunsplit(told._replace(netloc=place)), port=None)
    else:
        connection = victim.airflow(port=port)
    hook = HttpHook(method="GET", http_conn_id=victim.conn_id)
    hook.get_connection = lambda _: connection  # type: ignore[method-assign,assignment]
    hook.run(PATH if victim.login else "/health")


@contextmanager
def _no_defaults(ca_file: str) -> Iterator[None]:
    """libpq without what it finds in the user's home."""
    ours = {"PGSSLROOTCERT": f"{ca_file}.none", "PGSSLCERTMODE": "disable", "PGGSSENCMODE": "disable"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
