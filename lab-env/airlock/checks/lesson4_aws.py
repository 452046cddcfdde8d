"""Judge of task 4.5: a connection has moved to AWS Secrets Manager, and nothing of it is left behind."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.lesson4_homes import found, left_behind
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab import View, aws, backend, environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.scattered import conn_id, copies, fields


@task(
    "4.5",
    "The same for AWS Secrets Manager",
    3,
    hints=(
        "A secret with the right name and the right content, a backend that asks for this name, and the old copies "
        "away: "
        "the steps are those of 4.4.",
        "`create_secret(Name=…, SecretString=…)`: the name is the prefix, a slash and the id; the text may be the URI "
        "or "
        "the JSON form. `connections_prefix` is the prefix, with no slash at its beginning.",
        '`lab.aws.client().create_secret(Name=f"{me.team}/connections/{leaving}", SecretString=…)`, and '
        '`at_aws = lab.aws.arguments | {"connections_prefix": f"{me.team}/connections"}`.',
    ),
)
def moved(world: World) -> Report:
    """With the arguments `at_aws` Airflow finds the connection in Secrets Manager; no other copy is left."""
    view, given = world.view, world.value("at_aws")
    if not isinstance(given, dict):
        return failed(
            "`at_aws` is no dict.",
            "Airflow reads a backend's arguments from one JSON object.",
            "`at_aws = lab.aws.arguments | {…}`",
            "no-dict",
        )
    if report := _elsewhere(view, given):
        return report
    aws.client(view).list_secrets(MaxResults=1)  # is it there at all? A backend's error would not say whose fault it is
    answer = found("aws", given, view, "mail")
    if isinstance(answer, Report):
        return answer
    return left_behind(copies(view, "mail")) or _task(view, given)


def _elsewhere(view: View, given: dict[str, Plain]) -> Report | None:
    right = aws.arguments(view)
    if given.get("endpoint_url") != right["endpoint_url"] or given.get("region_name") != right["region_name"]:
        return failed(
            f"With `at_aws` Airflow asks {given.get('endpoint_url') or 'amazonaws.com'}, region "
            f"{given.get('region_name')}.",
            "Secrets live in one region. In another one there is nothing of that name, which is no error.",
            "`lab.aws.arguments` names this lab's API and its region.",
            "other-region",
        )
    if given.get("connections_prefix", "airflow/connections") in ("", None):
        return failed(
            "With `at_aws` Airflow asks for the bare id, or not at all.",
            "Other things have names in Secrets Manager, too. A prefix keeps yours together, and a policy can name it.",
            "`connections_prefix`, with the name of your team in it.",
            "no-prefix",
        )
    return None


def _task(view: View, arguments: dict[str, Plain]) -> Report:
    """A real task with this backend gets the connection. Afterwards the team's tasks ask whom they asked before."""
    before = backend.settings(view)
    backend.use(view, "aws", arguments)
    try:
        airflow = AirflowClient(view.lab)
        run = airflow.run_dag("which_home", {"conn_id": conn_id(view, "mail"), "team": view.prefix})
        got = airflow.xcom("which_home", run.run_id, "look_up")
    finally:
        environment.change(view, dict.fromkeys(backend.settings(view)) | before)
    if got != fields(view, "mail")["host"]:
        return failed(
            f"Everything is in its place, and a run of `which_home` got {got!r}.",
            "The move is done when the tasks do not notice it.",
            "Look at the run's log in Airflow, then check again.",
            "run-failed",
        )
    return passed(
        f"A task of the running Airflow got the connection from Secrets Manager, over verified TLS ({run.seconds:.0f} "
        "s). "
        "No other copy is left.",
        "Another vendor, another API, the same four steps.",
    )
