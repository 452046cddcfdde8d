"""The work of a deployment: what each connection is for, done in the running Airflow."""

from __future__ import annotations

from dataclasses import dataclass

from airlock.lab.airflow import AirflowClient
from airlock.lab.deployment.generate import SOCKET
from airlock.lab.view import View

DAG, TASK = "working_day", "work_through"


@dataclass(frozen=True)
class Day:
    """What came of a working day.

    Attributes:
        run_id: the DAG run's.
        done: how many orders or invoices each connection brought.
        failed: why each of the others brought none, in the words of its hook.
        seconds: how long it took.
    """

    run_id: str
    done: dict[str, int]
    failed: dict[str, str]
    seconds: float


def working_day(view: View, conn_ids: list[str]) -> Day:
    """Let every connection do its job, but for the one on a socket: its server is not in this lab.

    Raises:
        LabDown: Airflow does not answer.
    """
    airflow = AirflowClient(view.lab)
    wanted = [conn_id for conn_id in conn_ids if not conn_id.endswith(f"_{SOCKET}")]
    run = airflow.run_dag(DAG, {"conn_ids": wanted, "team": view.prefix}, timeout=120)
    told = airflow.xcom(DAG, run.run_id, TASK) or {}
    done = {conn_id: said["brought"] for conn_id, said in told.items() if said.get("brought")}
    failed = {
        c: told.get(c, {}).get("failed", f"it brought nothing (the run: {run.state})") for c in wanted if c not in done
    }
    return Day(run.run_id, done, failed, run.seconds)


def told(view: View, day: Day) -> str:
    """What the task logged and returned that day: everybody who may open Airflow's pages can read it."""
    airflow = AirflowClient(view.lab)
    return f"{airflow.task_log(DAG, day.run_id, TASK)}\n{airflow.xcom(DAG, day.run_id, TASK)}"
