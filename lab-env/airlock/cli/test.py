"""`airlock test`: everything that CI runs, in the order that finds a fault soonest."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from airlock import paths

console = Console(highlight=False)

_PYTHON = (sys.executable, "-m")
_SLOWEST = "--durations=15"
_ORDINARY = "not browser and not docker and not hub"
_STEPS: dict[str, tuple[str, ...]] = {
    "style": (*_PYTHON, "ruff", "check"),
    "format": (*_PYTHON, "ruff", "format", "--check", "--quiet"),
    "types": (*_PYTHON, "mypy"),
    "generated files": (*_PYTHON, "airlock.cli", "build", "--check"),
    # A process of its own: Playwright's event loop would be in the way of other tests.
    "walks": (*_PYTHON, "pytest", "-m", "browser", _SLOWEST),
    # Two at a time, each worker on a lab of its own (tests/conftest.py): a third made two cores no faster.
    "tests": (*_PYTHON, "pytest", "-m", _ORDINARY, "-n", "2", "--dist", "loadgroup", _SLOWEST),
}
_BESIDE = "walks"
"""A step that goes on beside the next ones: a walk waits for its browser half of the time."""


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(test_command)


def test_command(
    context: typer.Context,
    only: Annotated[str | None, typer.Option(help="One step: " + ", ".join(_STEPS))] = None,
) -> None:
    """Run the whole test suite. What follows goes to pytest, which then runs alone: ./airlock test -k wire."""
    steps = {name: command for name, command in _STEPS.items() if only in (None, name)}
    if not steps:
        console.print(f"There is no step {only!r}; the steps are: {', '.join(_STEPS)}")
        raise typer.Exit(2)
    if context.args:
        steps.pop("walks", None)
        steps |= {"tests": (*_PYTHON, "pytest", *context.args)} if "tests" in steps else {}
    with ThreadPoolExecutor(1) as executor:
        beside = steps.pop(_BESIDE, None) if len(steps) > 1 else None
        if beside:
            console.print(f"[bold]== {_BESIDE}[/] go on beside what follows, and are shown at its end")
            walks = executor.submit(_run, _BESIDE, beside, quiet=True)
        done = []
        for name, command in steps.items():
            console.print(f"[bold]== {name}[/]")
            done.append(_run(name, command))
        if beside:
            console.print(f"[bold]== {_BESIDE}[/]")
            done.append(walks.result())
            console.out(done[-1].said, highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    for step in done:
        table.add_row(step.name, "[green]passed[/]" if step.passed else "[red]failed[/]", f"{step.seconds:.0f} s")
    console.print(table)
    raise typer.Exit(int(not all(step.passed for step in done)))


@dataclass(frozen=True)
class _Done:
    """A step that has ended; ``said``: what it has not shown yet."""

    name: str
    passed: bool
    seconds: float
    said: str


def _run(name: str, command: tuple[str, ...], quiet: bool = False) -> _Done:
    began = time.monotonic()
    out, err = (subprocess.PIPE, subprocess.STDOUT) if quiet else (None, None)
    ended = subprocess.run(
        command, cwd=paths.course_root(), env=_environment(), check=False, text=True, stdout=out, stderr=err
    )
    return _Done(name, ended.returncode == 0, time.monotonic() - began, ended.stdout or "")


def _environment() -> dict[str, str]:
    # The suite runs on labs of its own: settings that point at the developer's stay out.
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRLOCK_STATE", "AIRLOCK_WORK"))}
