"""The running Airflow, through its own API — and, for trusted code, its metadata database."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from airlock.lab import metadata
from airlock.lab.clients import http_client
from airlock.lab.description import Lab, LabDown, secret
from airlock.lab.fernet import opener
from airlock.lab.locks import OUTAGE, shared

FINISHED = frozenset({"success", "failed"})
EVERY_DAG = "~"
"""What the API takes for a DAG's id where any will do."""


class AirflowRefused(Exception):
    """Airflow answered, and the answer was no; the message is its own words."""


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG. ``seconds`` is the time from trigger to the state that was last seen."""

    dag_id: str
    run_id: str
    state: str
    seconds: float


class AirflowClient:
    """Airflow's REST API (/api/v2), signed in as the lab's user."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._token: str | None = None

    @property
    def url(self) -> str:
        """Where Airflow's pages and API are."""
        return self._lab.airflow.url

    def token(self) -> str:
        """A bearer token for the API, fetched once."""
        if self._token is None:
            endpoint = self._lab.airflow
            answer = self._send(
                "POST",
                "/auth/token",
                {"username": endpoint.user, "password": secret(endpoint.password_file)},
                headers={},
            )
            if answer.status_code != httpx.codes.CREATED:
                raise LabDown(f"Airflow refused the lab's own sign-in: {answer.text[:200]}", "./airlock doctor")
            self._token = str(answer.json()["access_token"])
        return self._token

    def request(self, method: str, path: str, json: Any = None) -> httpx.Response:
        """Call the API, e.g. ``request("GET", "/api/v2/connections")``. The status is the caller's to judge.

        Raises:
            LabDown: nothing answers.
        """
        answer = self._send(method, path, json, self._authorization())
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # the token has run out
            self._token = None
            answer = self._send(method, path, json, self._authorization())
        return answer

    def run_dag(
        self,
        dag_id: str,
        conf: dict[str, Any] | None = None,
        timeout: float = 90.0,
        on_state: Callable[[str, float], None] | None = None,
    ) -> DagRun:
        """Trigger a DAG and follow it until it has finished or ``timeout`` seconds have passed.

        Nobody else takes a service away meanwhile. ``on_state`` is told every new state, with the seconds since the
        trigger.

        Raises:
            AirflowRefused: the trigger was refused, e.g. because there is no such DAG.
        """
        with shared(self._lab, OUTAGE):
            begin, seen = time.monotonic(), ""
            run_id = self.trigger(dag_id, conf)
            while True:
                state, elapsed = self.run_state(dag_id, run_id), time.monotonic() - begin
                if state != seen and on_state:
                    on_state(state, elapsed)
                seen = state
                if state in FINISHED or elapsed > timeout:
                    return DagRun(dag_id, run_id, state, round(elapsed, 1))
                time.sleep(0.25)

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Trigger a DAG, do not wait, and return the id of the run. Raises `AirflowRefused` as `run_dag` does."""
        answer = self.request("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf or {}})
        if answer.is_error:
            raise AirflowRefused(_reason(answer))
        return str(answer.json()["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """The state of a run: ``queued``, ``running``, ``success`` or ``failed``."""
        answer = self.request("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        if answer.is_error:
            raise AirflowRefused(_reason(answer))
        return str(answer.json()["state"])

    def team_runs(self, team: str, dag_id: str = EVERY_DAG) -> list[dict[str, Any]]:
        """The newest 100 runs with this team in their ``conf``, the newest first, as the API describes them."""
        query = f"limit=100&order_by=-run_after&conf_contains={team}"
        answer = self.request("GET", f"/api/v2/dags/{dag_id}/dagRuns?{query}")
        runs: list[dict[str, Any]] = answer.json().get("dag_runs", [])
        return [run for run in runs if (run.get("conf") or {}).get("team") == team]

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run, as the API describes them."""
        answer = self.request("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances")
        instances: list[dict[str, Any]] = answer.json().get("task_instances", [])
        return instances

    def task_log(self, dag_id: str, run_id: str, task_id: str) -> str:
        """The log of a task's last try, one event a line."""
        tries = [i["try_number"] for i in self.task_instances(dag_id, run_id) if i["task_id"] == task_id]
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{max(tries, default=1)}"
        events = self.request("GET", path).json().get("content", [])
        return "\n".join(_line(event) for event in events)

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value") -> Any:
        """What a task returned; None when it returned nothing."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        answer = self.request("GET", path)
        return None if answer.is_error else answer.json()["value"]

    def stored_connection(self, conn_id: str) -> dict[str, Any] | None:
        """The connection's row in the metadata database, decrypted: for trusted code, not for learners."""
        fields = metadata.row(self._lab, conn_id)
        if fields is None:
            return None
        for column, flag in (("password", "is_encrypted"), ("extra", "is_extra_encrypted")):
            if fields.pop(flag) and fields[column]:
                fields[column] = opener(self._lab).decrypt(fields[column]).decode()
        return fields

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}

    def _send(self, method: str, path: str, json: Any, headers: dict[str, str]) -> httpx.Response:
        try:
            with http_client(self._lab.ca_file, timeout=20) as client:
                return client.request(method, f"{self.url}{path}", json=json, headers=headers)
        except httpx.TransportError as error:
            raise LabDown(f"Airflow does not answer on {self.url}: {error}") from None


def _reason(answer: httpx.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = answer.text[:300]
    return f"HTTP {answer.status_code}: {detail}"


def _line(event: dict[str, Any] | str) -> str:
    if isinstance(event, str):
        return event
    text = str(event.get("event", ""))
    for detail in event.get("error_detail") or []:
        text += f"\n{detail.get('exc_type')}: {detail.get('exc_value')}"
    return text
