"""Judge of lesson 4's exercise about AWS Secrets Manager."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any

from airlock.checks.exercises import exercise
from airlock.checks.lesson4_homes import reading
from airlock.checks.report import Report, failed, passed
from airlock.lab import View, aws

_IDS = ("orders_shop", "ledger")


@exercise("lesson-4/prefix-of-nothing")
def prefix_of_nothing(folder: Path, view: View) -> Report:
    """SecretsManagerBackend with these arguments finds every connection below the team's prefix."""
    team, right = f"{view.prefix}-{secrets.token_hex(3)}", aws.arguments(view)
    text = Template((folder / "backend.json").read_text()).safe_substitute(
        TEAM=team, URL=right["endpoint_url"], REGION=right["region_name"], CA=right["verify"]
    )
    try:
        arguments = json.loads(text)
    except ValueError as error:
        arguments = str(error)
    if not isinstance(arguments, dict):
        return failed(
            f"`backend.json` is no JSON object: {arguments}.",
            "Airflow does not start its backend with it.",
            "Double quotes, commas between the entries and none after the last.",
            "no-json",
        )
    login = {name: value for name, value in right.items() if name.startswith("aws_")}
    later = f"mail_{secrets.token_hex(3)}"
    hosts = {conn_id: f"{conn_id}-{secrets.token_hex(3)}.internal" for conn_id in (*_IDS, later)}
    with _stored(view, team, hosts):
        got = {conn_id: reading("aws", login | arguments, conn_id) for conn_id in hosts}
    if wrong := next((conn_id for conn_id, answer in got.items() if _host(answer) != hosts[conn_id]), None):
        return _explain(arguments, team, wrong, got, later)
    return passed(
        "Airflow's SecretsManagerBackend found the URI, the JSON, and one that was added a moment ago.",
        "Test a backend with an id that has no other home: only then does the test say something.",
    )


def _host(answer: Any) -> str | None:
    return None if answer is None or isinstance(answer, Exception) else str(answer.host)


def _explain(arguments: dict[str, Any], team: str, wrong: str, got: dict[str, Any], later: str) -> Report:
    answer, shown = got[wrong], "one that was added today" if wrong == later else f"`{wrong}`"
    if isinstance(answer, Exception):
        return failed(
            f"The backend fails: {type(answer).__name__}: {' '.join(str(answer).split())[:140]}",
            "Airflow passes over whatever goes wrong in a backend, and asks the next home, in silence.",
            "URL, region and trust were right as they were.",
            "backend-fails",
        )
    if any(_host(each) for each in got.values()):
        return failed(
            f"The backend finds some of the connections, and never asks for {shown}.",
            "`connections_lookup_pattern` decides by the id whether the backend is asked at all. The rest is looked "
            "for "
            "elsewhere, and no log says so.",
            "Which ids may there be, also tomorrow?",
            "pattern-too-narrow",
        )
    prefix = str(arguments.get("connections_prefix", "airflow/connections"))
    if prefix.startswith("/"):
        return failed(
            f"Airflow asks for `{prefix.replace(team, '${TEAM}')}/{wrong}`. There is no secret of this name.",
            "In Secrets Manager a name is a text like any other. With a slash in front it is another one.",
            "Compare it with the name in the README, character by character.",
            "leading-slash",
        )
    return failed(
        f"Airflow asks for nothing that is there. With these arguments the name would begin with "
        f"`{prefix.replace(team, '${TEAM}')}`.",
        "A name that does not exist is no error: the next home is asked, in silence.",
        "The name is `connections_prefix`, the separator `sep`, and the id.",
        "other-prefix",
    )


@contextmanager
def _stored(view: View, team: str, hosts: dict[str, str]) -> Iterator[None]:
    """The connections in Secrets Manager, in turn as a URI and as JSON."""
    client, names = aws.client(view), []
    try:
        for number, (conn_id, host) in enumerate(hosts.items()):
            described = json.dumps({"conn_type": "generic", "host": host}) if number % 2 else f"generic://{host}"
            names.append(client.create_secret(Name=f"{team}/connections/{conn_id}", SecretString=described)["Name"])
        yield
    finally:
        for name in names:
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
