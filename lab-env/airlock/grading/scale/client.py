"""The REST API of the Airflow that grades, as far as following one run needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airlock.lab.clients import http_client
from airlock.lab.ground import HOST, Ground

DAG = "grade_class"
USER = "instructor"
_PAGE = 100  # Airflow's own limit


@dataclass(frozen=True)
class Task:
    """One task instance. ``label`` is what the UI calls a map index; ``host`` is the worker that has it."""

    task_id: str
    map_index: int
    state: str
    label: str
    host: str
    tries: int
    seconds: float


class Client:
    """The API at ``ground``'s port, signed in at the first call. Raises `httpx.HTTPError` when the answer is no."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._token = ""

    @property
    def url(self) -> str:
        """Where its pages and its API are."""
        return f"https://{HOST}:{self._ground.ports['airflow-api']}"

    @property
    def user(self) -> str:
        """Who signs in."""
        return USER

    @property
    def password_file(self) -> str:
        """Where that user's password is (mode 0600)."""
        return str(self._ground.secret_file("airflow-admin"))

    def health(self) -> dict[str, dict[str, str]]:
        """Each component's state, by name."""
        found: dict[str, dict[str, str]] = self._send("GET", "/api/v2/monitor/health", signed=False)
        return found

    def knows(self) -> bool:
        """Whether the DAG processor has read the DAG."""
        found = self._send("GET", f"/api/v2/dags?dag_id_pattern={DAG}")
        return any(each["dag_id"] == DAG for each in found["dags"])

    def trigger(self, conf: dict[str, Any]) -> str:
        """Start a run; returns its id."""
        body = {"logical_date": None, "conf": conf}
        return str(self._send("POST", f"/api/v2/dags/{DAG}/dagRuns", body)["dag_run_id"])

    def state(self, run_id: str) -> str:
        """``queued``, ``running``, ``success`` or ``failed``."""
        return str(self._send("GET", f"/api/v2/dags/{DAG}/dagRuns/{run_id}")["state"])

    def tasks(self, run_id: str) -> list[Task]:
        """Every task instance of a run."""
        found: list[Task] = []
        while True:
            path = f"/api/v2/dags/{DAG}/dagRuns/{run_id}/taskInstances?limit={_PAGE}&offset={len(found)}"
            page = self._send("GET", path)
            found += map(_task, page["task_instances"])
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return found

    def clear(self, run_id: str, task_id: str, map_index: int) -> None:
        """Have one map index, and what comes after it, done again."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [[task_id, map_index]],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        self._send("POST", f"/api/v2/dags/{DAG}/clearTaskInstances", body)

    def log(self, run_id: str, task: Task) -> str:
        """What a task instance said at its last try, a line for each event."""
        path = f"/api/v2/dags/{DAG}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.tries}"
        events = self._send("GET", f"{path}?map_index={task.map_index}").get("content", [])
        return "\n".join(str(event.get("event", "")) if isinstance(event, dict) else str(event) for event in events)

    def _send(self, method: str, path: str, body: Any = None, signed: bool = True) -> Any:
        with http_client(str(self._ground.ca_file), timeout=20) as client:
            if signed and not self._token:
                who = {"username": USER, "password": self._ground.secret("airflow-admin")}
                answer = client.post(f"{self.url}/auth/token", json=who)
                answer.raise_for_status()
                self._token = str(answer.json()["access_token"])
            headers = {"Authorization": f"Bearer {self._token}"} if signed else {}
            answer = client.request(method, f"{self.url}{path}", json=body, headers=headers)
            answer.raise_for_status()
            return answer.json()


def _task(found: dict[str, Any]) -> Task:
    return Task(
        task_id=found["task_id"],
        map_index=found["map_index"],
        state=found["state"] or "none",
        label=found.get("rendered_map_index") or "",
        host=found.get("hostname") or "",
        tries=found["try_number"],
        seconds=float(found.get("duration") or 0.0),
    )
