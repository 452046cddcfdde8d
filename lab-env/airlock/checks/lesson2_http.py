"""Calling billing as a task would, with somebody on the link."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import httpx

from airlock.lab import Lab, LabDown, View
from airlock.lab.clients import http_client
from airlock.wire.captures import record
from airlock.wire.loot import Loot, loot

# Strips whoever comes in clear, and passes on as it is what comes over TLS.
DOOR = "http-strip"
_CALL = """
from airflow.providers.http.hooks.http import HttpHook
try:
    HttpHook(method="GET", http_conn_id="billing").run("invoices?limit=1").json()["invoices"]
except Exception as error:
    raise SystemExit(f"{type(error).__name__}: {error}")
"""


@dataclass(frozen=True)
class Call:
    """What became of one call through the door.

    Attributes:
        answered: the service gave the invoices, through the door.
        gained: what somebody on the link read.
        said: the hook's last words where it failed, without the password.
    """

    answered: bool
    gained: Loot
    said: str


def call(view: View, connection: str) -> Call:
    """Let HttpHook use ``connection``, a value of ``AIRFLOW_CONN_BILLING``, in a process of its own.

    The process trusts the lab's authority, as a host of the company would.

    Raises:
        LabDown: billing does not answer.
    """
    reachable(view.lab)
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    with tempfile.TemporaryDirectory() as home, record(view.lab.wire, DOOR, patience=2.0) as recording:
        task = {"AIRFLOW_HOME": home, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR", "AIRFLOW_CONN_BILLING": connection}
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", _CALL],
                env=kept | task | {"REQUESTS_CA_BUNDLE": view.lab.ca_file},
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
            failed, said = bool(done.returncode), (done.stderr.strip().splitlines() or [""])[-1]
        except subprocess.TimeoutExpired:
            failed, said = True, "the hook was still waiting after 90 seconds"
    said = said.replace(view.shop.password, "…")[:300] if failed else ""
    return Call(bool(recording.connections) and not failed, loot(recording.connections), said)


def reachable(lab: Lab) -> None:
    """Raises `LabDown` when billing does not answer."""
    try:
        with http_client(lab.ca_file) as client:
            client.get(f"{lab.billing.https}/health").raise_for_status()
    except httpx.HTTPError as error:
        raise LabDown(f"Billing does not answer on {lab.billing.https}: {error}") from None
