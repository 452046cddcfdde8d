"""`airlock container …`: what docker-compose.yml calls. Nobody types it."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from typing import Annotated

import typer

from airlock.cli.learn import lay_out
from airlock.cli.mark import formgrader
from airlock.lab.containers import NAMES, PUBLISHED, check, mint, serve
from airlock.lab.door import serve as serve_door
from airlock.lab.ground import Ground
from airlock.lab.lifecycle import open_lab

container = typer.Typer(hidden=True, help="What docker-compose.yml calls.")
Name = Annotated[str, typer.Argument(help="One of: " + ", ".join(NAMES))]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(container, name="container")


@container.command("mint")
def mint_command() -> None:
    """Choose ports, make keys and passwords. The published ports come from AIRLOCK_PORT_<NAME>."""
    mint(Ground.prepare(), {name: int(os.environ[_variable(name)]) for name in PUBLISHED})


@container.command("door")
def door_command() -> None:
    """Pass the published ports on to the loopback that all containers share."""
    asyncio.run(serve_door([int(os.environ[_variable(name)]) for name in PUBLISHED]))


@container.command("serve")
def serve_command(name: Name) -> None:
    """Run the services of one container in the foreground."""
    ground = Ground.prepare()
    serve(ground, name, before=lambda: _welcome(ground) if name == "jupyter" else None)


@container.command("instructor")
def instructor_command() -> None:
    """Run formgrader on the course that is mounted. The published port comes from AIRLOCK_PORT_INSTRUCTOR."""
    port = int(os.environ[_variable("instructor")])
    threading.Thread(target=lambda: asyncio.run(serve_door([port])), daemon=True).start()
    formgrader(port)


@container.command("check")
def check_command(name: Name) -> None:
    """Fail unless the services of one container answer."""
    check(Ground.prepare(), name)


def _welcome(ground: Ground) -> None:
    # JupyterLab is the last to start: all others answer.
    lay_out(ground, open_lab(ground))


def _variable(port: str) -> str:
    return "AIRLOCK_PORT_" + re.sub(r"\W", "_", port).upper()
