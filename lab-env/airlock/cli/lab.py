"""`airlock up · down · status · reset`."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from airlock.lab import Lab, View
from airlock.lab.ground import Ground
from airlock.lab.lifecycle import Health, down, status, up
from airlock.lab.preflight import preflight
from airlock.lab.services import JUPYTER, LAB
from airlock.lab.supervisor import Supervisor

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command("up")(up_command)
    app.command("down")(down_command)
    app.command("status")(status_command)
    app.command("reset")(reset_command)


def up_command() -> None:
    """Start the lab and wait until every service answers."""
    start_lab(jupyter=False)
    console.print("The lab is up. [bold]./airlock learn[/] opens the lessons, [bold]./airlock down[/] stops it.")


def down_command(
    purge: Annotated[
        bool, typer.Option(help="Also delete the lab's data and keys. Your work in work/ and your progress stay.")
    ] = False,
) -> None:
    """Stop everything the lab runs."""
    ground = Ground.prepare()
    with console.status("Stopping the lab …"):
        down(ground)
        if purge:
            ground.purge()
    console.print("The lab is down. Nothing of it is running.")


def status_command() -> None:
    """Say how each service is, and where its log is."""
    ground = Ground.prepare()
    lines = status(ground)
    table = Table(box=None, pad_edge=False)
    for heading in ("service", "health", "pid", "up", "log"):
        table.add_column(heading, no_wrap=True)
    for line in lines:
        table.add_row(*_row(line, ground))
    console.print(table)
    console.print(f"\nLogs are in {ground.folder('logs')}", soft_wrap=True)
    expected = [line for line in lines if line.service is not JUPYTER]
    if not expected or not all(line.ok for line in expected):
        console.print("\nTo start what is missing: [bold]./airlock up[/]")
        raise typer.Exit(3)


def reset_command() -> None:
    """Put your part of the lab back to the beginning: database, connections, secrets, runs."""
    begin = time.monotonic()
    from airlock.lab.provision import reset_view

    lab = Lab.current()
    view = View.current(lab)
    with console.status("Putting your part of the lab back …"):
        reset_view(view)
    seconds = time.monotonic() - begin
    console.print(f"Team {view.prefix} is back at the beginning ({seconds:.1f} s). Your notebooks are untouched.")


def start_lab(*, jupyter: bool) -> Lab:
    """Bring the lab up, showing each service as it comes."""
    ground = Ground.prepare()
    running = Supervisor(ground).alive()
    if not running and (findings := preflight(ground)):
        for finding in findings:
            console.print(f"[bold red]{finding.what}[/]\n  To mend it: {finding.remedy}", soft_wrap=True)
        raise typer.Exit(3)
    services = (*LAB, JUPYTER) if jupyter else LAB
    phases = {service.name: ("waiting", 0.0) for service in services}
    begin = time.monotonic()

    def draw() -> Table:
        table = Table(box=None, pad_edge=False, show_header=False)
        for service in services:
            phase, seconds = phases[service.name]
            colour = {"ready": "green", "failed": "red", "waiting": "dim"}.get(phase, "yellow")
            shown = f"{seconds:4.1f} s" if phase == "ready" else ""
            table.add_row(service.title, f"[{colour}]{phase}[/]", shown)
        return table

    def progress(name: str, phase: str) -> None:
        phases[name] = (phase, time.monotonic() - begin)
        if not console.is_terminal and phase in {"ready", "failed"}:
            console.print(f"{name}: {phase} ({phases[name][1]:.1f} s)")

    if not console.is_terminal:
        return up(ground, progress, jupyter=jupyter)
    with Live(get_renderable=draw, console=console, refresh_per_second=8):
        return up(ground, progress, jupyter=jupyter)


def _row(line: Health, ground: Ground) -> tuple[str, str, str, str, str]:
    colour = "green" if line.ok else "red"
    up_for = f"{line.uptime:.0f} s" if line.pid else "-"
    log = ground.log(line.service.name)
    return line.service.title, f"[{colour}]{line.detail}[/]", str(line.pid or "-"), up_for, log.name
