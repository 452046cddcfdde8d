"""The commands, gathered; and how an error is shown: one screen, no traceback."""

from __future__ import annotations

import gc
import sys
import traceback

import typer
from rich.console import Console

from airlock.cli import (
    badges,
    collect,
    container,
    course,
    exam,
    grade,
    hub,
    lab,
    learn,
    mark,
    matrix,
    practice,
    progress,
    scores,
    similar,
    site,
    test,
)
from airlock.lab import LabDown
from airlock.lab.ground import Ground
from airlock.lab.lifecycle import StartFailed
from airlock.lab.service import Unhealthy

app = typer.Typer(
    help="Connection encryption in Apache Airflow, hands on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (
    lab,
    learn,
    practice,
    exam,
    progress,
    matrix,
    course,
    collect,
    grade,
    mark,
    scores,
    similar,
    site,
    hub,
    badges,
    test,
    container,
):
    part.register(app)


def main() -> None:
    """Entry point of `airlock`."""
    try:
        _run()
    finally:
        gc.freeze()  # looking for garbage at the end, in all that was imported, takes a quarter of a second


def _run() -> None:
    errors = Console(stderr=True)
    try:
        app()
    except LabDown as down:
        errors.print(f"[bold red]{down}[/]\nTo mend it: [bold]{down.remedy}[/]", highlight=False)
        sys.exit(3)
    except StartFailed as failure:
        errors.print(f"[bold red]{failure}[/]", highlight=False)
        errors.print(f"Its last words are in {failure.log}", highlight=False, soft_wrap=True)
        errors.print("Next: [bold]./airlock doctor[/] looks for the usual causes.", highlight=False)
        sys.exit(3)
    except Unhealthy as why:
        errors.print(f"[bold red]{why}[/]", highlight=False)
        sys.exit(3)
    except KeyboardInterrupt:
        errors.print("\nStopped. [bold]./airlock status[/] says what is running.", highlight=False)
        sys.exit(130)
    except Exception as fault:  # a fault of ours: the learner gets a sentence, the author the traceback
        file = Ground.prepare().log("airlock")
        file.write_text(traceback.format_exc())
        errors.print(f"[bold red]Airlock itself has failed: {type(fault).__name__}: {fault}[/]", soft_wrap=True)
        errors.print(f"What you made is safe. The details are in {file}", soft_wrap=True)
        sys.exit(70)
