"""`airlock build · verify`: the material, made and held to its contract.

What builds and runs lessons takes a second to import, so each command imports it when it is called.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.status import Status

from airlock.cli.report import show_faults
from airlock.course.fault import BadSource

if TYPE_CHECKING:
    from airlock.course.trials import Tell

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command("build")(build_command)
    app.command("verify")(verify_command)


def build_command(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when notebooks/ is stale.")] = False,
) -> None:
    """Make notebooks/ from the lessons' source."""
    from airlock.course import build

    try:
        with console.status("Building the lessons …"):
            built = build.build()
    except BadSource as bad:
        console.print("[bold red]The lessons cannot be built.[/] Nothing has been changed.")
        show_faults(console, bad.faults)
        raise typer.Exit(1) from None
    if check:
        if not built.fresh:
            console.print("[bold red]notebooks/ is not what the source gives.[/]")
            show_faults(console, build.stale(built))
            raise typer.Exit(1)
        console.print(f"All {len(built.files)} files in notebooks/ are fresh.")
        return
    build.write(built)
    for name in built.stale:
        console.print(f"  written  notebooks/{name}")
    for name in built.left_over:
        console.print(f"  removed  notebooks/{name}")
    console.print(f"{len(built.files)} files, {len(built.stale)} written, {len(built.left_over)} removed.")


def verify_command(
    lesson: Annotated[int | None, typer.Option(help="Only this lesson and its exercises.")] = None,
    task: Annotated[str | None, typer.Option(help="Only the prepared answers of this task, e.g. 1.3.")] = None,
    part: Annotated[
        str | None, typer.Option(help="Run only this notebook, by its name, or only the `exercises`.")
    ] = None,
    lab: Annotated[bool, typer.Option(help="Also run the lessons and try the answers; needs the lab.")] = True,
) -> None:
    """Hold lessons and exercises to the course contract."""
    from airlock.course.contract import verify

    _there(lesson, part)
    began = time.monotonic()
    broken = held = 0
    with console.status("Looking …") as status:
        for finding in verify(_teller(status), lesson, task, lab, part):
            seconds = f"[dim]{finding.seconds:6.1f} s[/]" if finding.seconds else " " * 8
            mark = "[bold red]broken[/]" if finding.faults else "[green]holds [/]"
            console.print(f"{mark} {seconds}  {finding.what}")
            show_faults(console, finding.faults)
            broken += bool(finding.faults)
            held += not finding.faults
    took = time.monotonic() - began
    if broken or not held:
        said = f"{broken} of {broken + held} rules are broken" if broken else "Nothing fits: no rule was checked"
        console.print(f"\n[bold red]{said}[/] ({took:.0f} s).")
        raise typer.Exit(1)
    console.print(f"\n[bold green]The contract holds:[/] {held} rules ({took:.0f} s).")
    if not lab:
        console.print("The lessons were not run and no answer was tried: that needs the lab.")


def _there(lesson: int | None, part: str | None) -> None:
    """What is named has to be there: a contract that holds for nothing would look like one that holds."""
    from airlock.course import layout
    from airlock.course.contract import EXERCISES

    lessons = layout.lessons()
    if lesson is not None and lesson not in lessons:
        raise typer.BadParameter(f"There is no lesson {lesson}: they are {', '.join(map(str, lessons))}.")
    chosen = lessons if lesson is None else [lesson]
    parts = [file.stem for each in chosen for file in sorted(layout.lesson_dir(each).glob("*.py"))] + [EXERCISES]
    if part is not None and part not in parts:
        raise typer.BadParameter(f"There is no part {part!r}: they are {', '.join(parts)}.")


def _teller(status: Status) -> Tell:
    return lambda what: status.update(f"{what} …")
