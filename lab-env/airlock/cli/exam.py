"""`airlock exam`: begin one, see the clock, hand it in, see how it went."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer
from rich.console import Console

from airlock.cli.report import show_report
from airlock.lab import Lab, View
from airlock.lab.sitting import Sitting
from airlock.paths import work_dir

console = Console(highlight=False)
commands = typer.Typer(no_args_is_help=True, help="Sit an exam: graded tasks with fresh values, timed, no hints.")


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(commands, name="exam")


@commands.command("start")
def start_command(
    lessons: Annotated[str, typer.Option(help="The lessons whose tasks it has, e.g. 2,4.")],
    minutes: Annotated[int | None, typer.Option(min=1, max=600, help="How long it may take.")] = None,
) -> None:
    """Lay out an exam in work/ and start its clock."""
    from airlock.course import exam
    from airlock.lab.provision import open_view

    numbers = _numbers(lessons)
    lab = Lab.current()
    try:
        with console.status("Laying out the exam …"):
            sitting = exam.begin(numbers, minutes)
            open_view(View(lab, sitting.seed))
    except exam.NoExam as why:
        _refuse(str(why))
    console.print(f"[bold]{sitting.name}[/] has begun: {sitting.left_in_words()}. Receipt {sitting.receipt}.")
    for file in sorted(sitting.folder.glob("*.ipynb")):
        console.print(f"  work/{sitting.name}/{file.name}", soft_wrap=True, markup=False)
    console.print("Open them in JupyterLab. Save them, then: [bold]./airlock exam hand-in[/]")


@commands.command("status")
def status_command() -> None:
    """Say how much time is left, and which answers were seen."""
    from airlock.course import exam

    sittings = Sitting.all(work_dir())
    if not sittings:
        console.print("No exam was begun. To begin one: [bold]./airlock exam start --lessons 2,4[/]")
        return
    for sitting in sittings:
        if sitting.handed_in:
            said = f"handed in {sitting.handed_in:%Y-%m-%d %H:%M} UTC, receipt {sitting.receipt}"
        else:
            open_tasks = [task for task in exam.tasks_of(sitting.lessons) if task not in sitting.seen()]
            said = f"{sitting.left_in_words()}; {sitting.seen_in_words()}"
            said += f", not yet: {', '.join(open_tasks)}" if open_tasks else ", all of them"
        console.print(f"[bold]{sitting.name}[/]  {said}", soft_wrap=True)


@commands.command("hand-in")
def hand_in_command(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop the clock and pack the exam for whoever grades it."""
    from airlock.course import exam

    running = [each for each in Sitting.all(work_dir()) if each.running]
    if not running:
        _refuse("No exam is running.")
    [sitting] = running[:1]
    console.print(f"[bold]{sitting.name}[/]: {sitting.left_in_words()}. Are all notebooks saved (Ctrl+S)?")
    if not yes and not typer.confirm("Hand it in? That cannot be undone.", default=False):
        raise typer.Exit(1)
    archive = exam.hand_in(sitting)
    done = Sitting.find(sitting.folder)
    console.print(f"Handed in. Receipt {done.receipt if done else '-'}.")
    console.print(f"For whoever grades it: work/{archive.name}, or the folder work/{sitting.name}/ as it is.")
    console.print("How it went, without waiting: [bold]./airlock exam result[/]")


@commands.command("result")
def result_command(
    name: Annotated[str, typer.Argument(help="The exam, e.g. exam-2-4; the last one when left out.")] = "",
) -> None:
    """Run what was handed in and judge it here, as grading would."""
    from airlock.course import exam
    from airlock.course.exam_result import result

    sittings = [each for each in Sitting.all(work_dir()) if name in ("", each.name)]
    if not sittings:
        _refuse(f"There is no exam {name or 'yet'} in work/.")
    sitting = max(sittings, key=lambda each: each.begun)
    reports = []
    try:
        with console.status("Beginning …") as status:
            for report in result(sitting, lambda what: status.update(f"{what} …")):
                show_report(console, report)
                reports.append(report)
    except exam.NoExam as why:
        _refuse(str(why))
    earned, points = sum(each.earned for each in reports), sum(each.points for each in reports)
    console.print(f"\n[bold]{sitting.name}[/]: {earned:g} of {points:g} points. Written answers wait for a person.")


def _numbers(lessons: str) -> list[int]:
    try:
        return [int(each) for each in lessons.replace(" ", "").split(",") if each]
    except ValueError:
        _refuse(f"{lessons!r} are no lessons; write for example --lessons 2,4.")


def _refuse(why: str) -> NoReturn:
    console.print(f"[bold red]{why}[/]", soft_wrap=True)
    raise typer.Exit(2)
