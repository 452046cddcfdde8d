"""`airlock mark`: nbgrader's formgrader, for the answers that a person marks."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import typer
from rich.console import Console

from airlock import paths
from airlock.lab.ground import Ground
from airlock.lab.ports import LOOPBACK

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("mark")(mark_command)


def mark_command() -> None:
    """Open formgrader in an instructor's JupyterLab, until Ctrl-C: written answers, comments, single scores."""
    formgrader(Ground.prepare().free_port())


def formgrader(port: int) -> None:
    """Serve formgrader on that port of loopback, and print its address; ends with the server.

    Raises:
        typer.Exit: there is no gradebook yet, or the server ended with an error.
    """
    root = paths.course_root()
    if not (root / "gradebook.db").exists():
        console.print("There is no gradebook yet. [bold]./airlock grade[/] makes it from what is in submitted/.")
        raise typer.Exit(2)
    ground, token = Ground.prepare(), secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "-y", "--LabApp.news_url="),
        *(f"--ServerApp.ip={LOOPBACK}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        f"--ServerApp.root_dir={root}",
        # What shows hand-ins passes nothing on to the lab.
        "--ServerApp.jpserver_extensions=jupyter_server_proxy=False",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    console.print(f"Formgrader: http://{LOOPBACK}:{port}/formgrader?token={token}", soft_wrap=True)
    console.print("Scores you give there are in the next ./airlock grade's table. Ctrl-C ends this.")
    # Not the learners' configuration, which switches formgrader off; the token stays out of the process list.
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_CONFIG_PATH"}
    log = ground.log("instructor")
    with log.open("w") as output:
        done = subprocess.run(
            command, cwd=root, env=environment | {"JUPYTER_TOKEN": token}, stdout=output, stderr=output, check=False
        )
    if done.returncode:
        console.print(f"[bold red]JupyterLab ended with an error.[/] Its last words are in {log}", soft_wrap=True)
        raise typer.Exit(1)
