"""`airlock learn` and `airlock doctor`: the two a learner needs."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Annotated

import typer
from rich.console import Console

from airlock.cli.lab import start_lab
from airlock.course.workspace import prepare
from airlock.lab import Lab, Seed, View
from airlock.lab.doctor import diagnose
from airlock.lab.ground import Ground
from airlock.lab.services.jupyter import url

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command("learn")(learn_command)
    app.command("doctor")(doctor_command)


def learn_command(
    browser: Annotated[bool, typer.Option(help="Open the start page in a browser.")] = True,
) -> None:
    """Start the lab and JupyterLab, and open the start page."""
    lab = start_lab(jupyter=True)
    address = lay_out(Ground.prepare(), lab)
    console.print("Your copies of the lessons are in work/. [bold]./airlock down[/] stops everything.")
    if browser and _has_browser():
        webbrowser.open(address)


def lay_out(ground: Ground, lab: Lab) -> str:
    """Bring the learner's copies and pages up to date, and return the start page's address, which is also printed."""
    view = View.current(lab)
    copies(view.seed)
    address = f"{url(ground)}/lab/tree/start.ipynb?token={ground.secret('jupyter-token')}"
    console.print(f"\nYou are team [bold]{view.prefix}[/]. The start page:\n\n  {address}\n", soft_wrap=True)
    return address


def copies(seed: Seed) -> None:
    """Bring the learner's copies and pages up to date, and say what was changed or kept."""
    from airlock.course.pages import build_pages

    space = prepare(seed.hex)
    build_pages(space.work)
    for name in space.updated:
        console.print(f"Updated: work/{name} (you had not changed it)")
    for name in space.kept:
        console.print(f"Kept: work/{name} is yours; the course has a newer one. Move yours away to get it.")


def doctor_command() -> None:
    """Look for the usual faults, and say how to mend each."""
    with console.status("Looking …"):
        findings = diagnose(Ground.prepare())
    if not findings:
        console.print("Nothing found. [bold]./airlock status[/] shows each service.")
        return
    for finding in findings:
        console.print(f"[bold red]-[/] {finding.what}\n  To mend it: [bold]{finding.remedy}[/]", soft_wrap=True)
    raise typer.Exit(3)


def _has_browser() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
