"""The alerts that a team's DAGs have sent, and the connection that its notifiers send them through."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airlock.lab import environment
from airlock.lab.view import View


@dataclass(frozen=True)
class Alert:
    """One message, as it arrived.

    Attributes:
        time: when, in seconds since 1970.
        dag, run_id: who sent it.
        text: what a person reads.
        findings: the same for a program; empty when there are none.
    """

    time: float
    dag: str
    run_id: str
    text: str
    findings: tuple[dict[str, Any], ...]


def alerts(view: View, since: float = 0.0) -> list[Alert]:
    """The team's alerts from ``since`` (seconds since 1970) on, oldest first."""
    file = _file(view)
    lines = file.read_text().splitlines() if file.exists() else []
    arrived = [json.loads(line) for line in lines]
    return [_alert(each) for each in arrived if each["received"] >= since]


def connect_airflow(view: View) -> None:
    """Give the team's tasks the connection ``<team>_pager``: HTTPS, verified, as the shop's application."""
    billing, login = view.lab.billing, view.shop
    fields = {
        **{"conn_type": "http", "host": billing.https, "login": login.user, "password": login.password},
        "extra": {"verify": view.lab.ca_file},
    }
    environment.set_connection(view, f"{view.prefix}_pager", json.dumps(fields))


def clear(view: View) -> None:
    """Forget the team's alerts."""
    _file(view).unlink(missing_ok=True)


def _alert(arrived: dict[str, Any]) -> Alert:
    findings = arrived.get("findings") or []
    if isinstance(findings, str):  # Airflow's notifier renders every value of its JSON to a text
        try:
            findings = json.loads(findings)
        except ValueError:
            findings = []
    return Alert(
        time=arrived["received"],
        dag=str(arrived.get("dag", "")),
        run_id=str(arrived.get("run_id", "")),
        text=str(arrived.get("text", "")),
        findings=tuple(each for each in findings or [] if isinstance(each, dict)),
    )


def _file(view: View) -> Path:
    return Path(view.lab.state) / "alerts" / f"{view.prefix}.jsonl"
