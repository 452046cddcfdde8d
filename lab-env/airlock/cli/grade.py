"""`airlock grade`: everything that was handed in, graded with nbgrader."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from airlock import paths
from airlock.cli import scaled
from airlock.cli.report import show_faults
from airlock.course.fault import BadSource
from airlock.lab import Lab

if TYPE_CHECKING:
    from airlock.grading.batch import State
    from airlock.grading.pipeline import Graded, Pipeline

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command("grade")(grade_command)


def grade_command(
    lesson: Annotated[int | None, typer.Option(help="Only this lesson, and exams with tasks of it.")] = None,
    learner: Annotated[list[str] | None, typer.Option(help="Only this learner. May be repeated.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many at a time: faster, and they share the lab.")] = 1,
    again: Annotated[bool, typer.Option("--again", help="Also what was graded before and has not changed.")] = False,
    task: Annotated[
        list[str] | None, typer.Option(help="Anew, and only this task's score, e.g. 2.3. May be repeated.")
    ] = None,
    due: Annotated[
        str | None,
        typer.Option(help="When --lesson is due, e.g. 2026-12-01T18:00, or never. With --learner: for that one."),
    ] = None,
    to: Annotated[Path, typer.Option(help="Where the scores go, as CSV.")] = Path("grades.csv"),
    pages: Annotated[
        bool, typer.Option("--pages/--no-pages", help="Feedback pages, now or by a later grade without --no-pages.")
    ] = True,
    with_airflow: Annotated[
        bool, typer.Option("--with-airflow", help="By Celery workers of an Airflow of its own, --workers of them.")
    ] = False,
    stay: Annotated[bool, typer.Option("--stay", help="With Airflow: leave it up until Ctrl-C, for a look.")] = False,
) -> None:
    """Grade what is in submitted/LEARNER/lesson-N/ (or exam-N-M/), write feedback pages and a table of scores.

    What was graded before and has not changed is left alone: after an interruption, give the same command again.
    """
    from airlock.grading import isolation

    if with_airflow and (task or due or not pages):
        other = "--task" if task else "--due" if due else "--no-pages"
        raise typer.BadParameter(f"--with-airflow grades whole hand-ins: give {other} in a command of its own.")
    when = _when(due, lesson)
    lesson = _lesson_of(task, lesson) if task else lesson
    Lab.current()
    if not with_airflow:
        isolation.start_warming()
    # nbgrader takes seconds to import: only here, and while Airflow is imported for the hand-ins.
    from airlock.course import build
    from airlock.grading import batch
    from airlock.grading.config import BadSettings

    try:
        pipeline = _pipeline(task)
    except BadSettings as bad:
        console.print(f"{bad} Nothing was graded.", soft_wrap=True, markup=False)
        raise typer.Exit(2) from None
    submissions = pipeline.submissions(lesson, learner or ())
    for name in sorted({*(learner or ())} - {each.learner for each in submissions}):
        console.print(f"[yellow]Nothing was handed in by {escape(name)}.[/]", soft_wrap=True)
    if not submissions:
        folder = paths.course_root() / "submitted"
        console.print(f"Nothing to grade. Submissions go to {folder}/LEARNER/lesson-N/", soft_wrap=True, markup=False)
        raise typer.Exit(2)
    for assignment in sorted({each.assignment for each in submissions}):
        console.print(isolation.told(assignment), soft_wrap=True, markup=False)
    if with_airflow:
        with scaled.graded(console, workers, lesson, learner or (), again) as results:
            _conclude(pipeline, results, to, stay)
        return
    try:
        with console.status("Building the lessons …"):
            build.build()
            for assignment in sorted({each.assignment for each in submissions}):
                pipeline.register(assignment)
        if due and not learner:
            pipeline.lateness.due(f"lesson-{lesson}", when)
        with _progress() as tell:
            results = batch.grade(pipeline, submissions, workers, again and not task, tell, pages)
            if due and learner:  # the gradebook knows the hand-in only now
                _extend(pipeline, results, when)
                results = batch.grade(pipeline, submissions, pages=pages)
    except BadSource as bad:
        console.print("[bold red]The lessons cannot be built, so nothing was graded.[/]")
        show_faults(console, bad.faults)
        raise typer.Exit(1) from None
    _conclude(pipeline, results, to, pages=pages)


def _conclude(pipeline: Pipeline, results: list[Graded], to: Path, stay: bool = False, pages: bool = True) -> None:
    """Write the table of scores, show it, and end with 1 when something could not be graded."""
    pipeline.export(to)
    console.print(_table(results))
    for sentence in pipeline.copies([each.submission for each in results]):
        console.print(f"[yellow]{sentence}[/]", soft_wrap=True)
    feedback = "feedback/" if pages else "./airlock grade"
    console.print(f"Scores: {to}   Feedback: {feedback}   To mark by hand: ./airlock mark", soft_wrap=True)
    if stay:
        scaled.wait(console)
    if any(each.score is None for each in results):
        raise typer.Exit(1)


def _when(due: str | None, lesson: int | None) -> datetime | None:
    if due is None or due == "never":
        when = None
    else:
        try:
            when = datetime.fromisoformat(due).astimezone()
        except ValueError:
            raise typer.BadParameter(f"{due!r} is no time. Write 2026-12-01T18:00, or never.") from None
    if due and lesson is None:
        raise typer.BadParameter("--due needs --lesson: each lesson has a due date of its own. Exams have a clock.")
    return when


def _lesson_of(tasks: list[str], lesson: int | None) -> int:
    from airlock.checks import catalogue

    for task in tasks:
        try:
            catalogue.find(task)
        except KeyError:
            raise typer.BadParameter(
                f"no check judges {task!r}. Write 2.3 for lesson 2, task 3; written answers: ./airlock mark"
            ) from None
    lessons = {int(task.split(".")[0]) for task in tasks} | ({lesson} if lesson else set())
    if len(lessons) > 1:
        raise typer.BadParameter("these tasks are of several lessons. Give one command for each lesson.")
    return lessons.pop()


def _pipeline(tasks: list[str] | None) -> Pipeline:
    from airlock.checks import catalogue
    from airlock.grading.pipeline import Pipeline
    from airlock.grading.some_tasks import SomeTasks

    if not tasks:
        return Pipeline()
    following = [each.task for each in catalogue.of_lesson(int(tasks[0].split(".")[0])) if set(each.needs) & set(tasks)]
    if left := [each for each in following if each not in tasks]:
        console.print(f"Built on {', '.join(tasks)}, and left as it is: {', '.join(left)}.", soft_wrap=True)
    return SomeTasks(tuple(tasks))


def _extend(pipeline: Pipeline, results: list[Graded], until: datetime | None) -> None:
    from airlock.grading.late import NoDueDate

    for each in results:
        if each.score is not None and each.submission.assignment.startswith("lesson-"):
            try:
                pipeline.lateness.extend(each.submission, until)
            except NoDueDate as why:
                console.print(str(why), soft_wrap=True, markup=False)
                raise typer.Exit(2) from None


@contextmanager
def _progress() -> Iterator[Callable[[State], None]]:
    """A bar with the time left. Drawn by whoever tells how far it is: workers are forks, and forks want no threads."""
    columns = (
        TextColumn("{task.completed} of {task.total} graded"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        began = time.monotonic()
        bar = progress.add_task("", total=None, left="")

        def tell(state: State) -> None:
            now = ", ".join(f"{each.learner} {each.assignment}" for each in state.now)
            left = ""
            if state.finished and state.finished < state.total:
                seconds = (time.monotonic() - began) / state.finished * (state.total - state.finished)
                left = f"{timedelta(seconds=round(seconds))} left"
            progress.update(bar, completed=state.finished, total=state.total, description=now, left=left)
            progress.refresh()

        yield tell


def _table(results: list[Graded]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("learner", "assignment", "score", "state", "notes"):
        table.add_column(heading, overflow="fold")
    for each in results:
        score = "-" if each.score is None else f"{each.score:g} of {each.points:g}"
        state = "[red]not graded[/]" if each.score is None else "mark by hand" if each.by_hand else "graded"
        state += " before" if each.kept and each.score is not None else ""
        table.add_row(each.submission.learner, each.submission.assignment, score, state, "\n".join(each.notes))
    return table
