"""Clients that call the warehouse all the time, as a company's tasks do: what do they notice of a renewal?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from airlock.lab.greeting import certificate_of
from airlock.lab.pki_engine import PkiEngine
from airlock.lab.view import Login, View
from airlock.lab.warehouse import Warehouse

_PAUSE = 0.1  # seconds between two calls of one client: some thirty new sessions a second with three
_PATIENCE = 10.0  # seconds until every client has called once


@dataclass
class Seen:
    """What the clients saw so far; complete after the block.

    Attributes:
        good: how many sessions were opened, verified, and answered a query.
        failed: the others: ``at`` (seconds since 1970) and ``why``.
        slowest: the longest that one call took, in seconds.
        serials: the server's certificates in the order first shown: their serial numbers in hexadecimal.
    """

    good: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    slowest: float = 0.0
    serials: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, began: float, why: str | None) -> None:
        """Add one call."""
        with self._lock:
            self.slowest = max(self.slowest, time.time() - began)
            if why is None:
                self.good += 1
            else:
                self.failed.append({"at": began, "why": why})

    def look(self, serial: str) -> None:
        """Add the serial number of a certificate."""
        if serial not in self.serials:
            self.serials.append(serial)


@contextmanager
def callers(view: View, clients: int = 3, ca_file: str | None = None, **libpq: Any) -> Iterator[Seen]:
    """Let ``clients`` open sessions with the team's warehouse for the time of the block, one after the other each.

    Every session is new and verified (`verify-full`); one more client only looks at the certificate.

    Args:
        ca_file: whom they trust; the root of the team's PKI engine when left out.
        libpq: further options of each session, such as ``sslcert`` and ``sslkey``.
    """
    login, trust = Warehouse(view).login, ca_file or PkiEngine(view).ca_file
    seen, stop = Seen(), threading.Event()
    options = {"sslmode": "verify-full", "sslrootcert": trust, **libpq}
    threads = [
        threading.Thread(target=_call, args=(login, f"caller-{number}", options, seen, stop), daemon=True)
        for number in range(clients)
    ]
    threads.append(threading.Thread(target=_look, args=(login, trust, seen, stop), daemon=True))
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + _PATIENCE
    while seen.good + len(seen.failed) < clients and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _call(login: Login, name: str, options: dict[str, Any], seen: Seen, stop: threading.Event) -> None:
    while not stop.is_set():
        began, why = time.time(), None
        try:
            with psycopg.connect(
                host=login.host,
                port=login.port,
                dbname=login.database,
                user=login.user,
                password=login.password,
                application_name=name,
                connect_timeout=5,
                **options,
            ) as session:
                session.execute("select 1")
        except psycopg.Error as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        seen.count(began, why)
        stop.wait(_PAUSE)


def _look(login: Login, trust: str, seen: Seen, stop: threading.Event) -> None:
    while not stop.is_set():
        with suppress(OSError, ValueError):  # the callers say why
            seen.look(f"{certificate_of(login.host, login.port, trust, 'postgres').serial_number:x}")
        stop.wait(_PAUSE)
