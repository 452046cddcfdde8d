"""`airlock progress`: how far the learner is; a copy to take along, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from airlock.lesson import portable
from airlock.lesson.errors import LessonError
from airlock.lesson.progress_page import as_text

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("progress")(progress_command)


def progress_command(
    export: Annotated[
        Path | None, typer.Option(help="Write a copy: FILE.json to bring back, FILE.csv to read.")
    ] = None,
    bring: Annotated[
        Path | None, typer.Option("--import", help="Bring a copy (JSON) back; nothing here is lost.")
    ] = None,
) -> None:
    """Say how far you are in each of the nine ways, or take it along and bring it back."""
    try:
        if bring:
            console.print(portable.bring(bring), soft_wrap=True, markup=False)
        if export:
            console.print(portable.save(export), soft_wrap=True, markup=False)
    except LessonError as error:
        console.print(f"[bold red]{error}[/]", soft_wrap=True)
        raise typer.Exit(2) from None
    if not bring and not export:
        console.print(as_text(), soft_wrap=True, markup=False)
