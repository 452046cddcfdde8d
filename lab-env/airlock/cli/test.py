"""`airlock test`: everything that CI runs, in the order that finds a fault soonest."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from airlock import paths

console = Console(highlight=False)

_PYTHON = (sys.executable, "-m")
_SLOWEST = "--durations=15"
_ORDINARY = "not browser and not docker and not hub"
_STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("style", (*_PYTHON, "ruff", "check")),
    ("format", (*_PYTHON, "ruff", "format", "--check", "--quiet")),
    ("types", (*_PYTHON, "mypy")),
    ("generated files", (*_PYTHON, "airlock.cli", "build", "--check")),
    # A browser on a busy machine misses what a person would not: the walks have it to themselves.
    ("walks", (*_PYTHON, "pytest", "-m", "browser", _SLOWEST)),
    # Two at a time, each worker on a lab of its own (tests/conftest.py): a third made two cores no faster.
    ("tests", (*_PYTHON, "pytest", "-m", _ORDINARY, "-n", "2", "--dist", "loadgroup", _SLOWEST)),
)


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(test_command)


def test_command(
    context: typer.Context,
    only: Annotated[str | None, typer.Option(help="One step: " + ", ".join(name for name, _ in _STEPS))] = None,
) -> None:
    """Run the whole test suite. What follows goes to pytest, which then runs alone: ./airlock test -k wire."""
    steps = {name: command for name, command in _STEPS if only in (None, name)}
    if not steps:
        console.print(f"There is no step {only!r}; the steps are: {', '.join(name for name, _ in _STEPS)}")
        raise typer.Exit(2)
    if context.args:
        steps.pop("walks", None)
        steps |= {"tests": (*_PYTHON, "pytest", *context.args)} if "tests" in steps else {}
    table = Table(box=None, pad_edge=False, show_header=False)
    failed = False
    for name, command in steps.items():
        console.print(f"[bold]== {name}[/]")
        begin = time.monotonic()
        status = subprocess.run(command, cwd=paths.course_root(), env=_environment(), check=False).returncode
        failed |= status != 0
        verdict = "[green]passed[/]" if status == 0 else "[red]failed[/]"
        table.add_row(name, verdict, f"{time.monotonic() - begin:.0f} s")
    console.print(table)
    raise typer.Exit(int(failed))


def _environment() -> dict[str, str]:
    # The suite runs on labs of its own: settings that point at the developer's stay out.
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRLOCK_STATE", "AIRLOCK_WORK"))}
