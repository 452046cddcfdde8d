"""`airlock collect`: what an LMS let an instructor download, sorted into ``submitted/``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from airlock.grading.times import Times

console = Console(highlight=False)
_COLOURS = {"new": "green", "replaced": "yellow", "unchanged": "dim"}


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("collect")(collect_command)


def collect_command(
    origin: Annotated[list[Path], typer.Argument(help="Zip archives or folders, as your LMS gives them.")],
    times: Annotated[
        Path | None,
        typer.Option(help="When they came: Moodle's grading worksheet, or CSV with learner and time.", exists=True),
    ] = None,
    zip_times: Annotated[bool, typer.Option("--zip-times", help="The archives' own times say it.")] = False,
) -> None:
    """Sort hand-ins into submitted/LEARNER/lesson-N/: Moodle's, Canvas's, Blackboard's names, or LEARNER/ folders."""
    import zipfile

    from airlock.grading.collect import PAST, Unreadable, collect

    known = _known(times)
    table = Table(box=None, pad_edge=False)
    for heading in ("learner", "assignment", "state"):
        table.add_column(heading, overflow="fold")
    remarks: list[str] = []
    replaced = 0
    for each in origin:
        try:
            with console.status(f"Unpacking {each.name} …"):
                if zip_times and zipfile.is_zipfile(each):
                    known.read_archive(each)
                done, said = collect(each, known)
        except Unreadable as why:
            done, said = [], [str(why)]
        for one in done:
            table.add_row(one.learner, one.assignment, f"[{_COLOURS[one.state]}]{one.state}[/]")
            replaced += one.state == "replaced"
        remarks += said
    if table.rows:
        console.print(table)
    for sentence in remarks:
        console.print(f"Not collected: {sentence}", style="yellow", soft_wrap=True, markup=False)
    if replaced:
        console.print(f"What was replaced is in {PAST}/.")
    if not table.rows:
        console.print("Nothing was collected.")
        raise typer.Exit(2)
    console.print("Next: [bold]./airlock grade[/]")
    if remarks:
        raise typer.Exit(1)


def _known(worksheet: Path | None) -> Times:
    from airlock.grading.times import NoTimes, Times

    known = Times()
    try:
        if worksheet:
            known.read_worksheet(worksheet)
    except (NoTimes, UnicodeDecodeError) as why:
        console.print(f"Nothing was collected. {why}", soft_wrap=True, markup=False)
        raise typer.Exit(2) from None
    for sentence in known.unread:
        console.print(f"Time not known: {sentence}", style="yellow", soft_wrap=True, markup=False)
    return known
