"""`airlock similar`: which hand-ins are alike, and where."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from airlock import paths

if TYPE_CHECKING:
    from airlock.grading.similar import Pair, Report

console = Console(highlight=False)
_SHOWN = 30
_LIMITS = (
    "A pair is a reason to look at both, no proof. It cannot tell who copied from whom, or whether both had the same "
    "book, neighbour or assistant. It does not find a copy that was written anew, answers of a few words, cells beside "
    "the answers, or what more than a tenth of the class has alike."
)


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("similar")(similar_command)


def similar_command(
    lesson: Annotated[int, typer.Option(help="Hand-ins of this lesson, and of exams with tasks of it.")],
    above: Annotated[int, typer.Option(min=50, max=100, help="Per cent that count as alike.")] = 85,
    to: Annotated[Path | None, typer.Option(help="All pairs, as CSV.")] = None,
) -> None:
    """Compare learners' answers pair by pair: names, layout, comments and personal values make no difference."""
    from airlock.course import build
    from airlock.grading import similar
    from airlock.grading.submission import of_assignments, shared_seeds

    if not (there := of_assignments(lesson)):
        folder = paths.course_root() / "submitted"
        console.print(f"Nothing to compare. Submissions go to {folder}/LEARNER/lesson-{lesson}/", soft_wrap=True)
        raise typer.Exit(2)
    with console.status("Building the lessons …"):
        build.build()
    lines: list[list[object]] = []
    for assignment, submissions in there.items():
        with console.status(f"Comparing {len(submissions)} hand-ins of {assignment} …"):
            known = similar.given(submissions[0].lessons)
            report = similar.compare(submissions, known, above / 100)
        _show(assignment, report)
        for learners in shared_seeds({each.learner: each.folder for each in submissions}):
            console.print(f"The same personal values: {', '.join(learners)}.", style="yellow", markup=False)
        lines += [
            [assignment, *pair.learners, cell.cell, round(100 * cell.part), cell.verbatim]
            for pair in report.pairs
            for cell in pair.cells
        ]
    console.print(_LIMITS, soft_wrap=True)
    if to:
        with to.open("w", newline="", encoding="utf-8") as stream:
            heading = ["assignment", "one", "other", "cell", "per_cent", "word_for_word"]
            csv.writer(stream).writerows([heading, *lines])


def _show(assignment: str, report: Report) -> None:
    console.print(f"[bold]{assignment}[/]: {report.compared} hand-ins, {len(report.pairs)} pairs are alike.")
    if report.unread:
        console.print(f"Cannot be read, and left out: {', '.join(report.unread)}.", style="yellow", markup=False)
    if not report.pairs:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("learners", "tokens", "alike in"):
        table.add_column(heading, overflow="fold")
    for pair in report.pairs[:_SHOWN]:
        table.add_row(" and ".join(pair.learners), str(pair.tokens), _cells(pair))
    console.print(table)
    if len(report.pairs) > _SHOWN:
        console.print(f"… and {len(report.pairs) - _SHOWN} more: --to FILE.csv has all.")


def _cells(pair: Pair) -> str:
    return ", ".join(f"{c.cell} {'word for word' if c.verbatim else f'{100 * c.part:.0f} %'}" for c in pair.cells)
