"""Billing: a small HTTP API over the shop, in clear and over TLS, like ports 80 and 443 of one machine."""

from __future__ import annotations

import sys

import httpx

from airlock.lab.clients import http_client
from airlock.lab.describe import describe
from airlock.lab.ground import HOST, Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program, Service, Unhealthy


class Billing(Service):
    """An API as connections of type ``http`` lead to. The program is `airlock.lab.billing`."""

    name = "billing"
    title = "Billing (HTTP API)"
    ports = ("billing-http", "billing-https")

    def program(self, ground: Ground) -> Program:
        folder, billing = ground.folder("billing"), describe(ground).billing
        return Program(
            command=[
                *(sys.executable, "-m", "airlock.lab.billing", "--host", LOOPBACK),
                *("--port", str(billing.port), "--tls-port", str(billing.tls_port)),
                *("--certificate", str(folder / "server.crt"), "--key", str(folder / "server.key")),
                *("--database-host", HOST, "--database-port", str(ground.ports["postgres"])),
                *("--ca-file", str(ground.ca_file), "--alerts", str(ground.folder("alerts"))),
            ],
            directory=folder,
            environment={"MALLOC_ARENA_MAX": "2"},
        )

    def prepare(self, ground: Ground) -> None:
        ground.server_certificate(ground.folder("billing"), "server")

    def check(self, ground: Ground) -> None:
        billing = describe(ground).billing
        try:
            with http_client(str(ground.ca_file), timeout=3) as client:
                for url in (billing.http, billing.https):
                    client.get(f"{url}/health").raise_for_status()
        except httpx.HTTPError as error:
            raise Unhealthy(f"does not answer yet ({type(error).__name__})") from error
