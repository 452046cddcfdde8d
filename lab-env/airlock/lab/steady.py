"""A task of the running Airflow that looks a connection up again and again while something is changed under it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airlock.lab.airflow import FINISHED, AirflowClient, AirflowRefused
from airlock.lab.view import View

DAG, TASK = "steady", "look_up"
_PATIENCE = 90.0  # seconds until the first look-up, and until the task has ended: other teams may be before it


@dataclass
class Steady:
    """What the task saw; complete once it has ended.

    Attributes:
        run_id: the DAG run.
        conn_id: the connection it looked up.
        good: how many look-ups gave the answer of the first one.
        failed: the others: ``at`` (seconds since 1970) and ``why``.
        slowest: the longest that one look-up took, in seconds.
        began, ended: when the task ran, in seconds since 1970.
    """

    run_id: str
    conn_id: str
    good: int = 0
    failed: tuple[dict[str, Any], ...] = ()
    slowest: float = 0.0
    began: float = 0.0
    ended: float = 0.0


@contextmanager
def steady(view: View, conn_id: str) -> Iterator[Steady]:
    """Run the DAG `steady` for the time of the block, from its first look-up to its last.

    Raises:
        AirflowRefused: Airflow did not take the run, or the task did not begin or end in time.
        LabDown: a service does not answer.
    """
    airflow, wanted = AirflowClient(view.lab), _wanted(view)
    wanted.write_text("")
    try:
        seen = Steady(airflow.trigger(DAG, {"conn_id": conn_id, "team": view.prefix}), conn_id)
        _await(lambda: wanted.read_text() != "" or _ended(airflow, seen.run_id), "began")
        yield seen
    finally:
        wanted.unlink(missing_ok=True)
    _await(lambda: _ended(airflow, seen.run_id), "ended")
    vars(seen).update(_counted(airflow, seen.run_id))


def runs(view: View) -> list[Steady]:
    """What each of the team's ended runs saw, the newest first. Raises `LabDown` when Airflow does not answer."""
    airflow = AirflowClient(view.lab)
    ended = [run for run in airflow.team_runs(view.prefix, DAG) if run["state"] in FINISHED]
    return [
        Steady(
            **({"run_id": run["dag_run_id"], "conn_id": run["conf"]["conn_id"]} | _counted(airflow, run["dag_run_id"]))
        )
        for run in ended
    ]


def forget(view: View) -> None:
    """End the team's run if one is still going."""
    _wanted(view).unlink(missing_ok=True)


def _counted(airflow: AirflowClient, run_id: str) -> dict[str, Any]:
    return airflow.xcom(DAG, run_id, TASK) or {}


def _ended(airflow: AirflowClient, run_id: str) -> bool:
    return airflow.run_state(DAG, run_id) in FINISHED


def _wanted(view: View) -> Path:
    return Path(view.lab.airflow.environments) / f"{view.prefix}.steady"


def _await(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise AirflowRefused(f"the DAG `{DAG}` has not {what} after {_PATIENCE:.0f} seconds")
        time.sleep(0.15)
