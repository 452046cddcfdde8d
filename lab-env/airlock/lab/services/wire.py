"""The wire: mitmproxy in an environment of its own, one port a situation."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from airlock import paths
from airlock.lab.describe import DOORS
from airlock.lab.ground import HOST, LOOPBACK, Ground
from airlock.lab.service import Program, Service, Unhealthy


class Wire(Service):
    """mitmdump with the lab's addon, in front of PostgreSQL."""

    name = "wire"
    title = "The wire (mitmproxy)"
    ports = tuple(f"wire-{door}" for door in DOORS)

    def program(self, ground: Ground) -> Program:
        upstream = f"reverse:tcp://{HOST}:{ground.ports['postgres']}"
        modes = [f"--mode={upstream}@{LOOPBACK}:{ground.ports[port]}" for port in self.ports]
        folder = ground.folder("wire")
        return Program(
            command=[
                *(mitmdump(), "--quiet", *modes),
                *("--set", f"confdir={folder}", "--scripts", str(_project() / "addon.py")),
            ],
            directory=folder,
            environment={
                "AIRLOCK_DOORS": ",".join(f"{ground.ports[f'wire-{door}']}={door}" for door in DOORS),
                "AIRLOCK_CAPTURES": str(ground.folder("wire", "captures")),
                "AIRLOCK_UPSTREAM_PORT": str(ground.ports["postgres"]),
                "MALLOC_ARENA_MAX": "2",
            },
        )

    def prepare(self, ground: Ground) -> None:  # noqa: ARG002
        if not Path(mitmdump()).exists():
            install()

    def check(self, ground: Ground) -> None:
        for port in self.ports:
            try:
                socket.create_connection((LOOPBACK, ground.ports[port]), timeout=1).close()
            except OSError as error:
                raise Unhealthy(f"{port} does not listen yet") from error


def mitmdump() -> str:
    """The proxy's executable; it is there once `install` has run."""
    return str(_environment() / "bin" / "mitmdump")


def install() -> None:
    """Install the wire's own locked environment. Raises `Unhealthy` with uv's words when that fails."""
    from uv import find_uv_bin

    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        [find_uv_bin(), "sync", "--locked", "--project", str(_project())],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"UV_PROJECT_ENVIRONMENT": str(_environment())},
    )
    if done.returncode:
        raise Unhealthy(f"installing mitmproxy failed: {done.stderr.strip()[-400:]}")


def _project() -> Path:
    return paths.course_root() / "lab-env" / "wire"


def _environment() -> Path:
    return _project() / ".venv"
