"""`airlock practice`: exercises on the command line."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from airlock.checks.report import Outcome, Report
from airlock.cli.report import show_faults, show_report
from airlock.course import practice
from airlock.course.exercises import Exercise, all_exercises, find
from airlock.course.fault import BadSource
from airlock.lab import View
from airlock.lab.provision import open_view
from airlock.lesson.markup import plain

console = Console(highlight=False)
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}  # of a line of a diff, by how it begins
_ACTIONS = ("list", "hint", "reset", "solution", "watch")


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command("practice")(practice_command)


def practice_command(
    what: Annotated[str, typer.Argument(help="An exercise, or: list, hint, reset, solution, watch.")] = "",
    name: Annotated[str, typer.Argument(help="The exercise for hint, reset, solution or watch.")] = "",
    every: Annotated[bool, typer.Option("--all", help="With reset: every exercise.")] = False,
) -> None:
    """Run the exercises in order and stop at the first that fails.

    practice list shows all, with where you are · practice NAME runs one · practice hint [NAME] gives its next hint
    · practice reset NAME (or --all) puts its files back and keeps yours · practice solution NAME compares your repair
    with the reference · practice watch [NAME] runs on every save, and goes on to the next.
    """
    try:
        if what in _ACTIONS:
            _act(what, name, every)
        elif what:
            _run_one(find(what))
        else:
            _run_all()
    except KeyError as unknown:
        console.print(f"[bold red]{unknown.args[0]}[/]", soft_wrap=True)
        raise typer.Exit(2) from None
    except BadSource as bad:
        show_faults(console, bad.faults)
        raise typer.Exit(1) from None


def _act(what: str, name: str, every: bool) -> None:
    if what == "list":
        _list()
        return
    if what == "reset":
        if every:
            for each in all_exercises():
                _reset(each)
        elif name:
            _reset(find(name))
        else:
            console.print("Which one? [bold]./airlock practice reset NAME[/], or --all.")
            raise typer.Exit(2)
        return
    exercise = find(name) if name else practice.following()
    if exercise is None:
        console.print("Every exercise has passed.")
    elif what == "hint":
        number, text = practice.next_hint(exercise)
        console.print(f"[bold]{exercise.title}[/], hint {number} of 3")
        console.print(plain(text), markup=False)
    elif what == "solution":
        _solution(exercise)
    else:
        _watch(exercise)
        if not name and (after := practice.following()):
            console.print(f"\nThe next one: [bold]{after.title}[/]")
            _act(what, "", every)


def _list() -> None:
    exercises, after = all_exercises(), practice.following()
    table = Table(box=None, pad_edge=False)
    for heading in ("", "exercise", "", "hints"):
        table.add_column(heading, no_wrap=heading == "exercise")  # the name is what one has to type
    for each in exercises:
        done = practice.passed(each)
        mark = "[green]passed[/]" if done else "[bold]next[/]" if each == after else "[dim]open[/]"
        table.add_row(mark, each.name, each.title, f"{practice.hints_given(each)} of 3")
    console.print(table)
    repaired = sum(practice.passed(each) for each in exercises)
    console.print(f"\n{repaired} of {len(exercises)} repaired. In JupyterLab: work/practice.ipynb", soft_wrap=True)


def _run_all() -> None:
    exercises = all_exercises()
    just_now: list[str] = []
    for number, exercise in enumerate(exercises):
        if practice.passed(exercise):
            console.print(f"[green]passed [/]  {exercise.name}  {exercise.title}", soft_wrap=True)
            continue
        report = _judge(exercise)
        if report.outcome is not Outcome.PASSED:
            console.print(f"[bold red]now    [/]  {exercise.name}  {exercise.title}", soft_wrap=True)
            if after := len(exercises) - number - 1:
                console.print(f"[dim]{after} more: ./airlock practice list[/]", soft_wrap=True)
            console.print()
            if just_now:
                console.print(f"[green]Repaired just now: {', '.join(just_now)}.[/] The next one:\n", soft_wrap=True)
            _show(exercise, report)
            raise typer.Exit(1)
        just_now.append(exercise.title)
        console.print(f"[green]passed [/]  {exercise.name}  {exercise.title}", soft_wrap=True)
    console.print("\nEvery exercise has passed." if exercises else "There are no exercises yet.")


def _run_one(exercise: Exercise) -> None:
    report = _judge(exercise)
    _show(exercise, report)
    if report.outcome is not Outcome.PASSED:
        raise typer.Exit(1)


def _judge(exercise: Exercise) -> Report:
    view = View.current()
    with console.status(f"{exercise.name}: trying your files …"):
        open_view(view)
        return practice.judge(exercise, view)


def _show(exercise: Exercise, report: Report) -> None:
    short = exercise.origin.name
    if report.outcome is Outcome.PASSED:
        show_report(console, report)
        console.print(f"\nThe reference repair: [bold]./airlock practice solution {short}[/]")
        return
    console.print(exercise.summary, markup=False)
    console.print()
    show_report(console, report)
    files = ", ".join(str(exercise.folder / file) for file in exercise.files)
    console.print(f"\nEdit {files}", soft_wrap=True, markup=False)
    console.print(f"Then run [bold]./airlock practice[/] again. Stuck? [bold]./airlock practice hint {short}[/]")


def _reset(exercise: Exercise) -> None:
    kept = practice.reset(exercise)
    said = f" What you wrote is kept in {kept}" if kept else ""
    console.print(f"{exercise.name} is as it was at the beginning.{said}", soft_wrap=True, markup=False)


def _solution(exercise: Exercise) -> None:
    if not practice.passed(exercise):
        console.print(f"The reference repair of {exercise.name} is shown once yours has passed.", soft_wrap=True)
        console.print(f"A hint instead: [bold]./airlock practice hint {exercise.origin.name}[/]")
        raise typer.Exit(1)
    lines = list(practice.difference(exercise))
    if lines:
        console.print("From your repair (-) to the reference (+). Both are right.\n")
        for line in lines:  # as they are: a line that is wrapped reads as two
            console.print(line, style=_COLOURS.get(line[:1], ""), soft_wrap=True, markup=False, highlight=False)
    else:
        console.print("Your repair is the reference, line by line.")


def _watch(exercise: Exercise) -> None:
    exercise.prepare()
    console.print(f"Watching {exercise.folder}. Ctrl+C ends it.", soft_wrap=True, markup=False)
    before: dict[str, int] = {}
    while True:
        now = practice.stamps(exercise)
        if now != before:
            before = now
            console.rule(time.strftime("%H:%M:%S"))
            report = _judge(exercise)
            _show(exercise, report)
            before = practice.stamps(exercise)
            if report.outcome is Outcome.PASSED:
                return
        time.sleep(0.5)
