"""`airlock grade`: everything that was handed in, graded with nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from airlock import paths
from airlock.cli.report import show_faults
from airlock.course.fault import BadSource
from airlock.lab import Lab

if TYPE_CHECKING:
    from airlock.grading.pipeline import Graded

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command("grade")(grade_command)


def grade_command(
    lesson: Annotated[int | None, typer.Option(help="Only this lesson.")] = None,
    learner: Annotated[str | None, typer.Option(help="Only this learner.")] = None,
    to: Annotated[Path, typer.Option(help="Where the scores go, as CSV.")] = Path("grades.csv"),
) -> None:
    """Grade what is in submitted/LEARNER/lesson-N/, write feedback pages and a table of scores."""
    # nbgrader takes seconds to import: only here.
    from airlock.course import build
    from airlock.grading.pipeline import Pipeline

    Lab.current()
    pipeline = Pipeline()
    submissions = pipeline.submissions(lesson, learner)
    if not submissions:
        folder = paths.course_root() / "submitted"
        console.print(f"Nothing to grade. Submissions go to {folder}/LEARNER/lesson-N/", soft_wrap=True, markup=False)
        raise typer.Exit(2)
    results: list[Graded] = []
    try:
        with console.status("Building the lessons …") as status:
            build.build()
            for number in sorted({each.lesson for each in submissions}):
                pipeline.register(number)
            for number, each in enumerate(submissions, 1):
                status.update(f"{number} of {len(submissions)}: {each.learner}, {each.assignment} …")
                results.append(pipeline.grade(each))
    except BadSource as bad:
        console.print("[bold red]The lessons cannot be built, so nothing was graded.[/]")
        show_faults(console, bad.faults)
        raise typer.Exit(1) from None
    pipeline.export(to)
    console.print(_table(results))
    for sentence in pipeline.copies(submissions):
        console.print(f"[yellow]{sentence}[/]", soft_wrap=True)
    console.print(f"Scores: {to}   Feedback: feedback/   To mark by hand: ./airlock mark", soft_wrap=True)
    if any(each.score is None for each in results):
        raise typer.Exit(1)


def _table(results: list[Graded]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("learner", "lesson", "score", "state", "notes"):
        table.add_column(heading, overflow="fold")
    for each in results:
        score = "-" if each.score is None else f"{each.score:g} of {each.points:g}"
        state = "[red]not graded[/]" if each.score is None else "mark by hand" if each.by_hand else "graded"
        table.add_row(each.submission.learner, str(each.submission.lesson), score, state, "\n".join(each.notes))
    return table
