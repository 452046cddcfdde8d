"""Grading a class with an Airflow of its own: start it, have it grade, hear how far it is, stop it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from airlock import paths
from airlock.grading import journal
from airlock.grading.pipeline import Graded
from airlock.grading.scale import services, shelf
from airlock.grading.scale.client import Client, Task
from airlock.lab import lifecycle
from airlock.lab.ground import Ground
from airlock.lab.service import Unhealthy
from airlock.lab.supervisor import Supervisor

FINISHED = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})
_TICK = 1.0  # seconds between two questions
_DAG_SECONDS = 120  # for the DAG processor to read one file


class NotFinished(Exception):
    """The run did not come to its end; the message says where, and what the task's log says last."""


@dataclass(frozen=True)
class Progress:
    """How far a run is: hand-ins there are to grade, how many are finished, whose are being graded, and where."""

    total: int
    finished: int
    now: tuple[str, ...]
    retried: int


def ground() -> Ground:
    """The ground of the deployment: its state folder, beside the gradebook and for its owner alone."""
    return Ground.prepare(journal.folder() / "airflow")


@contextmanager
def deployment(workers: int, progress: lifecycle.Progress) -> Iterator[Client]:
    """An Airflow that grades, up for the block.

    Raises:
        Unhealthy: something that it needs is not installed; the message says what to do.
        airlock.lab.lifecycle.StartFailed: a service did not come up.
    """
    if not services.installed():
        raise Unhealthy(
            "Airflow's Celery provider is not installed here. Start this as ./airlock grade --with-airflow: that "
            "installs it (the group `scale` of pyproject.toml)."
        )
    services.broker_program()
    here, wanted = ground(), services.services(workers)
    supervisor = Supervisor(here)
    supervisor.shutdown()  # what a crash has left
    for log in here.folder("logs").glob("worker-*.log"):
        log.unlink()
    here.choose_ports([port for service in wanted for port in service.ports])
    _ = here.authority
    try:
        supervisor.launch({each.name: program for each in wanted if (program := each.program(here))})
        lifecycle.start_all(here, supervisor, wanted, progress)
        yield Client(here)
    finally:
        supervisor.shutdown()


def grade(
    client: Client,
    lesson: int | None = None,
    learners: Collection[str] = (),
    again: bool = False,
    tell: Callable[[Progress], None] = lambda _: None,
) -> list[Graded]:
    """Trigger ``grade_class`` and follow it to its end.

    Raises:
        NotFinished: it ended before anything was recorded.
    """
    _wait_for_dag(client)
    run_id = client.trigger({"lesson": lesson, "learners": [*learners], "again": again})
    while (state := client.state(run_id)) not in FINISHED:
        tell(_progress(client.tasks(run_id)))
        time.sleep(_TICK)
    tasks = client.tasks(run_id)
    tell(_progress(tasks))
    results = shelf.summary(run_id)
    if results is None or (state == "failed" and not _recorded(tasks)):
        failed = next((each for each in tasks if each.state == "failed"), tasks[0])
        said = client.log(run_id, failed).strip()
        raise NotFinished(f"The task {failed.task_id} has failed. Its log ends:\n{said[-1500:]}")
    return results


def _recorded(tasks: list[Task]) -> bool:
    """Whether the last task came to its end: it fails, too, when a hand-in could not be graded."""
    return any(each.task_id == "record" and each.state in ("success", "failed") for each in tasks)


def _wait_for_dag(client: Client) -> None:
    deadline = time.monotonic() + _DAG_SECONDS
    while not client.knows():
        if time.monotonic() > deadline:
            folder = paths.course_root() / "lab-env" / "grading" / "dags"
            raise NotFinished(f"Airflow has not read the DAG in {folder}; see {ground().log('dag-processor')}")
        time.sleep(_TICK)


def _progress(tasks: list[Task]) -> Progress:
    mapped = [each for each in tasks if each.task_id == "grade" and each.map_index >= 0]
    now = [f"{each.label or each.map_index} ({each.host})" for each in mapped if each.state == "running"]
    return Progress(
        total=len(mapped),
        finished=sum(each.state in FINISHED for each in mapped),
        now=tuple(now),
        retried=sum(each.tries > 1 for each in mapped),
    )
