"""`airlock site`: the lessons and the documentation as pages for reading, offline."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from airlock import paths
from airlock.cli.report import show_faults
from airlock.course.fault import BadSource

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("site")(site_command)


def site_command(
    output: Annotated[Path | None, typer.Option(help="Where to; site/ when left out.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run also lessons that were recorded and have not changed.")
    ] = False,
) -> None:
    """Run every lesson in the lab, and make pages of lessons and documentation: to be read offline, without answers."""
    from airlock.course import site
    from airlock.lab import Lab

    if importlib.util.find_spec("myst_nb") is None:
        console.print(
            "What makes the pages is not installed. [bold]./airlock site[/] installs it; this was another way."
        )
        raise typer.Exit(2)
    began, folder = time.monotonic(), (output or paths.course_root() / "site").resolve()
    try:
        with console.status("Looking …") as status:
            pages = site.build(folder, Lab.current(), lambda what: status.update(f"{what} …"), again)
    except (BadSource, site.SiteFailed) as bad:
        console.print("[bold red]The site was not made.[/]")
        show_faults(console, bad.faults)
        raise typer.Exit(1) from None
    console.print(
        f"{len(pages)} pages in {time.monotonic() - began:.0f} s. Open {folder / 'index.html'}", soft_wrap=True
    )
    console.print(
        "Passwords in them are this lab's. Once they are published: [bold]./airlock down --purge[/]", soft_wrap=True
    )
