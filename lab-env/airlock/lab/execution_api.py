"""The link between a worker and Airflow's API server: the one on which a connection travels, decrypted.

A worker asks there for the connections of its task, with a token of the task's. The lab's own API server speaks
verified TLS on it; Airflow's settings by default do not, which a second server shows, started for as long as it takes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from airlock.lab.airflow import AirflowClient
from airlock.lab.cable import cable
from airlock.lab.description import LabDown
from airlock.lab.ground import HOST, Ground
from airlock.lab.services.airflow import component
from airlock.lab.supervisor import clean_environment
from airlock.lab.view import View
from airlock.wire import decode
from airlock.wire.bodies import exchanges
from airlock.wire.captures import Captured

_PATIENCE = 120.0  # seconds until the second server answers; alone on the machine it needs eight
# Airflow's own settings by default: the lab's turn them on.
_STOCK = {
    "AIRFLOW__API__SSL_CERT": "",
    "AIRFLOW__API__SSL_KEY": "",
    "AIRFLOW__API__SSL_CA_FILE": "",
    "AIRFLOW__API__SERVER_TYPE": "uvicorn",
}


@dataclass(frozen=True)
class Overheard:
    """What somebody on the link has of a worker's look-up.

    Attributes:
        chunks: every byte that passed, for the decoders and the viewer.
    """

    chunks: tuple[Captured, ...]

    @property
    def text(self) -> str:
        """What can be read: HTTP heads, and bodies unpacked. Empty when nothing can."""
        return "\n\n".join(each.text for each in exchanges(decode(self.chunks)))


@contextmanager
def stock(view: View) -> Iterator[str]:
    """Run a second API server on the same metadata as Airflow's defaults would: plain HTTP. Yields its address.

    Raises:
        LabDown: it does not come up.
    """
    ground = Ground(Path(view.lab.state))
    port, log = ground.free_port(), ground.log("airflow-api-stock")
    program = component(ground, "api-server", "--port", str(port), "--apps", "execution")
    environment = clean_environment(ground) | dict(program.environment) | _STOCK
    with log.open("w") as output:
        server = subprocess.Popen(
            program.command, cwd=program.directory, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _await(server, url := f"http://{HOST}:{port}", log)
        yield url
    finally:
        server.kill()  # it has nothing to finish
        server.wait()


def look_up(view: View, conn_id: str, url: str | None = None) -> Overheard:
    """Ask an API server for a connection as a worker does, with somebody listening on the link.

    The client is Airflow's own, from its Task SDK, with the lab's settings. ``url`` is the lab's API server by default.

    Raises:
        LabDown: a service does not answer.
        ValueError: the answer was no, in the server's words.
    """
    address = urlsplit(url or view.lab.airflow.url)
    with cable(address.port or 0) as link:
        asked = f"{address.scheme}://{HOST}:{link.port}/execution/"
        ground = Ground(Path(view.lab.state))
        done = subprocess.run(
            [sys.executable, "-m", "airlock.lab.worker", asked, conn_id, _task(view)],
            env=clean_environment(ground) | dict(component(ground).environment),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ValueError(f"the worker did not get {conn_id}: {(done.stderr.strip() or 'no words').splitlines()[-1]}")
    return Overheard(tuple(chunk for connection in link.links for chunk in connection))


def _task(view: View) -> str:
    """The id of a task of the team's that has run."""
    airflow = AirflowClient(view.lab)
    runs = airflow.team_runs(view.prefix, "which_home")
    run_id = runs[0]["dag_run_id"] if runs else airflow.run_dag("which_home", {"team": view.prefix}).run_id
    return str(airflow.task_instances("which_home", run_id)[0]["id"])


def _await(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            httpx.get(f"{url}/execution/health", timeout=20, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise LabDown(
                    f"The second API server did not start ({error}); see {log}.", "./airlock doctor"
                ) from None
        time.sleep(0.2)
