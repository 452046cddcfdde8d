"""`airlock scores`: the gradebook as a table that an LMS imports."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from airlock import paths

console = Console(highlight=False)


class Lms(StrEnum):
    """Whose import the table is for."""

    moodle = "moodle"
    canvas = "canvas"


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("scores")(scores_command)


def scores_command(
    lms: Annotated[Lms, typer.Option("--for", help="Whose import it is for.")] = Lms.moodle,
    to: Annotated[Path | None, typer.Option(help="The CSV file; otherwise it is printed.")] = None,
    roster: Annotated[Path | None, typer.Option(help="Canvas's own export, for its numbers.", exists=True)] = None,
) -> None:
    """Every score, one line for each learner and one column for each assignment, as your LMS imports it."""
    from airlock.grading.config import BadSettings
    from airlock.grading.pipeline import Pipeline
    from airlock.grading.scores import NoGradebook, UnknownLearners, write

    file = paths.course_root() / "gradebook.db"
    try:
        if file.exists():  # somebody may have marked since: what lateness costs is a share of the score
            Pipeline().lateness.penalize_all()
        count = write(file, lms.value, to, roster)
    except (BadSettings, NoGradebook, UnknownLearners) as why:
        console.print(str(why), soft_wrap=True, markup=False)
        raise typer.Exit(2) from None
    if to:
        console.print(f"{count} learners: {to}", soft_wrap=True, markup=False)
