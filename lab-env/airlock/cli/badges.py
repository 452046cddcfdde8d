"""`airlock badges`: for whoever publishes the course, a way into Binder beside each lesson in README.md."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from airlock import paths
from airlock.course.badges import NoBadges, with_badges

console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("badges")(badges_command)


def badges_command(
    repository: Annotated[str, typer.Argument(help="Where you publish the course: OWNER/REPO on GitHub.")],
    at: Annotated[
        str, typer.Option(help="The tag, branch or commit that Binder builds: a tag is built once.")
    ] = "HEAD",
) -> None:
    """Put a Binder badge beside each lesson in README.md; it opens that lesson in the public repository."""
    file = paths.course_root() / "README.md"
    try:
        made = with_badges(file.read_text(), repository, at)
    except (NoBadges, OSError) as why:
        console.print(f"[bold red]README.md is as it was.[/] {why}")
        raise typer.Exit(2) from None
    file.write_text(made)
    console.print(f"README.md has a badge beside each lesson, for {repository} at {at}. Look at it, then commit it.")
