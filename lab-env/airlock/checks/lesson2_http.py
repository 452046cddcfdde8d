"""Calling billing as a task would, with somebody on the link."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from airlock.checks.hook import invoices
from airlock.lab import Lab, LabDown, View
from airlock.lab.clients import http_client
from airlock.wire.captures import record
from airlock.wire.loot import Loot, loot

# Strips whoever comes in clear, and passes on as it is what comes over TLS.
DOOR = "http-strip"


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
    with record(view.lab.wire, DOOR, patience=2.0) as recording:
        [made] = invoices([connection], {"REQUESTS_CA_BUNDLE": view.lab.ca_file})
    said = made.said.replace(view.shop.password, "…")[:300]
    return Call(bool(recording.connections) and not said, loot(recording.connections), said)


def reachable(lab: Lab) -> None:
    """Raises `LabDown` when billing does not answer."""
    try:
        with http_client(lab.ca_file) as client:
            client.get(f"{lab.billing.https}/health").raise_for_status()
    except httpx.HTTPError as error:
        raise LabDown(f"Billing does not answer on {lab.billing.https}: {error}") from None
