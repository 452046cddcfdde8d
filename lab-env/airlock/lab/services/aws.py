"""An AWS Secrets Manager API over TLS: moto's server."""

from __future__ import annotations

import sys

import httpx

from airlock.lab.clients import http_client
from airlock.lab.describe import describe
from airlock.lab.ground import Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program, Service, Unhealthy


class Aws(Service):
    """Speaks AWS's own wire format; keeps its data in memory."""

    name = "aws"
    title = "AWS Secrets Manager API"
    ports = ("aws",)

    def program(self, ground: Ground) -> Program:
        folder = ground.folder("aws")
        return Program(
            command=[
                *(sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(ground.ports["aws"])),
                *("-c", str(folder / "server.crt"), "-k", str(folder / "server.key")),
            ],
            directory=folder,
            environment={"MALLOC_ARENA_MAX": "2"},
        )

    def prepare(self, ground: Ground) -> None:
        ground.server_certificate(ground.folder("aws"), "server")

    def check(self, ground: Ground) -> None:
        try:
            with http_client(str(ground.ca_file)) as client:
                client.get(f"{describe(ground).aws.url}/moto-api/data.json").raise_for_status()
        except httpx.HTTPError as error:
            raise Unhealthy(f"does not answer yet ({type(error).__name__})") from error
