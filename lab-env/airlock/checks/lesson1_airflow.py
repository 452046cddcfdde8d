"""Judges of lesson 1 in the running Airflow: register a connection (1.5), run a DAG with it (1.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airlock.checks.catalogue import task
from airlock.checks.lesson1_diagnosis import explain, wrong_type
from airlock.checks.lesson1_forms import Fields, Unreadable
from airlock.checks.lesson1_login import Refused, is_shop, log_in
from airlock.checks.report import Outcome, Report, failed, passed
from airlock.checks.world import World
from airlock.lab import environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.postgres import connect_admin
from airlock.lab.vault import VaultClient

_DAG, _TASK = "orders_report", "report"


@task(
    "1.5",
    "Register a connection in the running Airflow",
    3,
    hints=(
        'The id is `me.conn_id("shop")`, the fields are those of task 1.1. A row that is wrong can be deleted and '
        "sent again: a second POST for the same id is answered with 409.",
        "`lab.airflow.request(method, path, json)` returns the answer. Look at `.status_code` and `.text`: 201 is what "
        "you want, 422 names the field that Airflow does not accept.",
        '`lab.airflow.request("POST", "/api/v2/connections", {"connection_id": …, "conn_type": "postgres", "host": …, '
        '"port": …, "schema": …, "login": …, "password": …})`',
    ),
)
def register(world: World) -> Report:
    """The metadata database holds a connection of this team that logs in as the application."""
    name = f"{world.view.prefix}_shop"
    row = AirflowClient(world.lab).stored_connection(name)
    if row is None:
        return _not_stored(world, name)
    expected = world.view.shop
    try:
        fields = Fields.of(row)
        if report := wrong_type(fields):
            return report
        session = log_in(world.view, fields)
    except Unreadable as error:
        return failed(
            f"The row `{name}` is there, and reading it fails: {error}.",
            "The hook reads the same row and fails in the same way.",
            'Leave `extra` out, or send the text of a JSON object: `json.dumps({"sslmode": "require"})`.',
            "extra-not-json",
        )
    except Refused as refused:
        return explain(fields, expected, str(refused))
    if not is_shop(session, expected):
        return explain(fields, expected, f"the server let {session.user} into {session.database}")
    return passed(
        f"The row `{name}` is in the metadata database, and {session.user} logged in with it.",
        "The check read the stored row and used it. It did not look at your request.",
    )


def _not_stored(world: World, name: str) -> Report:
    elsewhere = [
        title
        for title, found in (
            ("the secrets backend", VaultClient(world.lab).get_connection(name) is not None),
            ("the environment of your tasks", name.upper() in environment.connections(world.view)),
        )
        if found
    ]
    if elsewhere:
        return failed(
            f"`{name}` is in {elsewhere[0]}, not in the metadata database.",
            "A task would find it there. Airflow's API and pages do not: they show the metadata database only.",
            "Register it through the API or `airflow connections add`, and take the other copy away.",
            "other-home",
        )
    if AirflowClient(world.lab).stored_connection("shop"):
        return failed(
            f"Airflow has a connection `shop`, and none called `{name}`.",
            "This Airflow is shared: without the team in front of it, everybody's `shop` is the same connection.",
            'Send it again under `me.conn_id("shop")`, and delete the one without the team.',
            "no-team-in-the-id",
        )
    return Report(
        Outcome.NOT_ATTEMPTED,
        f"Airflow has no connection called `{name}`.",
        "A Connection object in the notebook is not known to Airflow: it has to be sent.",
        "Send it, then run this check again. If you did, look at the answer: 201 is stored; anything else says why.",
    )


@task(
    "1.6",
    "Make the DAG succeed with it",
    3,
    hints=(
        'The DAG reads its connection id and your team from the run\'s conf: `{"conn_id": …, "team": …}`.',
        'When a run fails, its log says why: `print(lab.airflow.task_log("orders_report", run.run_id, "report"))`, '
        "last lines first.",
        '`run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})`. '
        "The login has to be the application's: the courier may read orders, but not write reports.",
    ),
)
def run(world: World) -> Report:
    """A run of `orders_report` for this team succeeded, and its row is in `reports`."""
    airflow = AirflowClient(world.lab)
    name = f"{world.view.prefix}_shop"
    mine = airflow.team_runs(world.view.prefix, _DAG)
    if not mine:
        return Report(
            Outcome.NOT_ATTEMPTED,
            f"There is no run of `{_DAG}` with your team in its conf.",
            "The check asks Airflow for the runs it knows of.",
            'Trigger one with the conf `{"conn_id": …, "team": me.team}`, then run this check again.',
        )
    chosen = [r for r in mine if r["conf"].get("conn_id") == name]
    if not chosen:
        return failed(
            f"Your newest run used the connection `{mine[0]['conf'].get('conn_id')}`.",
            "A run says nothing about a connection that it did not use.",
            "Use the id that you registered in task 1.5.",
            "other-connection",
        )
    succeeded = [r for r in chosen if r["state"] == "success"]
    if not succeeded:
        return _unfinished(airflow, chosen[0])
    rows = _reports(world)
    for each in succeeded:
        if evidence := _evidence(airflow, each["dag_run_id"], name, rows):
            return passed(
                f"Run `{each['dag_run_id']}` succeeded, and its row in `reports` counts {evidence[0]} orders.",
                "Three witnesses agree: Airflow's state, the task's log, and the row in your database.",
            )
    return failed(
        f"Airflow calls run `{succeeded[0]['dag_run_id']}` a success, and the work is not there: no row in `reports` "
        "that this task wrote while it ran.",
        "A state is a label, and anybody with the right role can set it. Trust what the run left behind.",
        "Trigger a new run and let it finish by itself.",
        "state-without-work",
    )


def _unfinished(airflow: AirflowClient, dag_run: dict[str, Any]) -> Report:
    if dag_run["state"] in ("queued", "running"):
        return failed(
            f"Run `{dag_run['dag_run_id']}` is {dag_run['state']}.",
            "It has not finished yet.",
            "Run this check again in a few seconds.",
            "not-finished",
        )
    log = airflow.task_log(_DAG, dag_run["dag_run_id"], _TASK)
    if "isn't defined" in log:
        return failed(
            f"Run `{dag_run['dag_run_id']}` failed: in its task, the connection id is not defined.",
            "The task asked every home and none had it – or the one that had it held something unreadable.",
            "Is the connection still there, under exactly that id? Task 1.5 tells.",
            "not-defined",
        )
    if "permission denied" in log:
        return failed(
            f"Run `{dag_run['dag_run_id']}` failed: the database denied the task its permission.",
            "The login works, and it is the wrong one for this work: it may read orders, not write reports.",
            "Which login is stored in the connection?",
            "other-login",
        )
    return failed(
        f"Run `{dag_run['dag_run_id']}` failed.",
        "The reason is in the log of its task, near the end.",
        f'`print(lab.airflow.task_log("{_DAG}", "{dag_run["dag_run_id"]}", "{_TASK}"))`. When the row in the metadata '
        "database looks right, ask whether another home answers first.",
        "run-failed",
    )


def _reports(world: World) -> list[tuple[Any, ...]]:
    with connect_admin(world.lab, world.view.database) as session:
        return session.execute("select run_id, conn_id, orders, revenue, written_at from reports").fetchall()


def _evidence(airflow: AirflowClient, run_id: str, conn_id: str, rows: list[tuple[Any, ...]]) -> tuple[int, Any] | None:
    """Orders and revenue of the row this run wrote; None unless task, log and row fit together."""
    instances = [i for i in airflow.task_instances(_DAG, run_id) if i["task_id"] == _TASK]
    if not instances or instances[0]["state"] != "success":
        return None
    begin, end = (_moment(instances[0].get(key)) for key in ("start_date", "end_date"))
    if begin is None or end is None:
        return None
    log, slack = airflow.task_log(_DAG, run_id, _TASK), timedelta(seconds=2)
    for row_run, row_conn, orders, revenue, written_at in rows:
        in_time = begin - slack <= written_at <= end + slack
        in_log = f"{orders} orders, {revenue} in revenue" in log
        if (row_run, row_conn) == (run_id, conn_id) and in_time and in_log:
            return orders, revenue
    return None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
