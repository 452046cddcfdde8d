"""`airlock grade --with-airflow`: an Airflow of its own for the time of the command, and how far its run is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console

if TYPE_CHECKING:
    from airlock.grading.pipeline import Graded
    from airlock.grading.scale.run import Progress


@contextmanager
def graded(
    console: Console, workers: int, lesson: int | None, learners: Collection[str], again: bool
) -> Iterator[list[Graded]]:
    """What its run of ``grade_class`` came to; Airflow is up for the block and stopped after it."""
    from airlock.grading.scale import run

    phases: dict[str, str] = {}
    with console.status("Starting Airflow …") as status:

        def hear(service: str, phase: str) -> None:
            phases[service] = phase
            waiting = [name for name, now in phases.items() if now != "ready"]
            status.update(f"Starting Airflow: {len(phases) - len(waiting)} ready, waiting for {', '.join(waiting)} …")

        with run.deployment(workers, hear) as client:
            console.print(
                f"Airflow grades, Celery workers: {workers}. To look on: {client.url}/dags/grade_class",
                f"User {client.user}, password in {client.password_file}",
                sep="\n",
                soft_wrap=True,
                markup=False,
            )
            status.update("Listing the hand-ins …")
            try:
                results = run.grade(client, lesson, learners, again, lambda progress: status.update(_said(progress)))
            except run.NotFinished as why:
                console.print(f"[bold red]The run did not come to its end.[/] Nothing more was recorded. {why}")
                raise typer.Exit(1) from None
            status.stop()
            yield results


def wait(console: Console) -> None:
    """Until Ctrl-C."""
    console.print("Airflow stays up until you press Ctrl-C.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def _said(progress: Progress) -> str:
    retried = f", {progress.retried} tried again" if progress.retried else ""
    return f"{progress.finished} of {progress.total} graded{retried}   {', '.join(progress.now)}"
