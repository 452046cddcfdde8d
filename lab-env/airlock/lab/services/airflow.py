"""Apache Airflow, as its components: API server and scheduler.

Not `airflow standalone`: that listens on every interface and leaves orphans. No DAG processor either: the lab's
DAGs are files of the course, serialised once at start, and a processor would take a sixth of the lab's memory.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import httpx

from airlock import paths
from airlock.lab.clients import http_client
from airlock.lab.describe import describe
from airlock.lab.ground import HOST, Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.postgres import connect_admin
from airlock.lab.service import Program, Service, Unhealthy
from airlock.lab.supervisor import clean_environment
from airlock.pki import write_secret

_METADATA = "airflow"


class AirflowDatabase(Service):
    """Not a program: the configuration, the metadata database, and the DAGs serialised into it."""

    name = "airflow-database"
    title = "Airflow metadata"
    after = ("postgres",)

    def program(self, ground: Ground) -> None:  # noqa: ARG002
        return None

    def prepare(self, ground: Ground) -> None:
        configuration = _write_configuration(ground)
        done, wanted = ground.folder("airflow") / "prepared", _fingerprint(configuration)
        if done.exists() and done.read_text() == wanted:
            return
        password = ground.secret("airflow-database")
        with connect_admin(describe(ground), "postgres") as session:
            if not session.execute("select 1 from pg_roles where rolname = %s", [_METADATA]).fetchone():
                session.execute(f"create role {_METADATA} login password '{password}'")
            if not session.execute("select 1 from pg_database where datname = %s", [_METADATA]).fetchone():
                session.execute(f"create database {_METADATA} owner {_METADATA}")
        # One process for both commands: most of each is importing Airflow.
        try:
            run_cli(ground, ["db", "migrate"], ["dags", "reserialize"], log=self.name)
        except Unhealthy as why:
            raise Unhealthy(f"preparing Airflow's metadata failed; {why}") from None
        done.write_text(wanted)

    def check(self, ground: Ground) -> None:
        """Nothing runs; `prepare` has raised if anything was wrong."""


class AirflowApi(Service):
    """REST API, web pages, and the Execution API that hands connections to tasks. TLS only."""

    name = "airflow-api"
    title = "Airflow API server"
    after = ("airflow-database",)
    ports = ("airflow-api",)

    def program(self, ground: Ground) -> Program:
        return component(ground, "api-server")

    def check(self, ground: Ground) -> None:
        health = _health(ground)
        if health["metadatabase"]["status"] != "healthy":
            raise Unhealthy(f"metadata database: {health['metadatabase']['status']}")


class AirflowScheduler(Service):
    """Starts tasks in worker processes of its own (LocalExecutor)."""

    name = "airflow-scheduler"
    title = "Airflow scheduler"
    after = ("airflow-database",)

    def program(self, ground: Ground) -> Program:
        # -s: no log server, which would listen on every interface.
        return component(ground, "scheduler", "-s")

    def check(self, ground: Ground) -> None:
        status = _health(ground)["scheduler"]["status"]
        if status != "healthy":
            raise Unhealthy(f"heartbeat: {status}")


def component(ground: Ground, *words: str) -> Program:
    """One of Airflow's commands, in the lab's environment."""
    return Program(
        command=[sys.executable, "-m", "airlock.lab.component", *words],
        directory=ground.folder("airflow"),
        environment=_environment(ground),
    )


def _environment(ground: Ground) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(ground.folder("airflow")),
        "PYTHONPATH": str(_dags()),
        "PYTHONWARNINGS": "ignore",
        # glibc keeps one heap a thread; two are enough here and save tens of megabytes.
        "MALLOC_ARENA_MAX": "2",
        # Else the API server's master would listen for commands on a socket in the user's home.
        "GUNICORN_CMD_ARGS": "--no-control-socket",
    }


def _health(ground: Ground) -> dict[str, dict[str, str]]:
    try:
        with http_client(str(ground.ca_file), timeout=3) as client:
            answer = client.get(f"{describe(ground).airflow.url}/api/v2/monitor/health")
            answer.raise_for_status()
            health: dict[str, dict[str, str]] = answer.json()
            return health
    except httpx.HTTPError as error:
        raise Unhealthy(f"does not answer yet ({type(error).__name__})") from error


def _fingerprint(configuration: Path) -> str:
    """Changes when the metadata have to be prepared again: another Airflow, configuration or DAG."""
    digest = hashlib.sha256(version("apache-airflow").encode())
    for file in (configuration, *sorted(_dags().glob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _dags() -> Path:
    return paths.course_root() / "lab-env" / "airflow" / "dags"


def _write_configuration(ground: Ground) -> Path:
    home = ground.folder("airflow")
    lab = describe(ground)
    certificate, key = ground.server_certificate(home, "server")
    passwords = write_secret(
        home / "passwords.json", json.dumps({lab.airflow.user: ground.secret("airflow-admin")}).encode()
    )
    ca = quote(str(ground.ca_file), safe="")
    database = (
        f"{_METADATA}:{ground.secret('airflow-database')}@{HOST}:{lab.postgres.port}/{_METADATA}"
        f"?sslmode=verify-full&sslrootcert={ca}"
    )
    vault = {
        "url": lab.vault.url,
        "auth_type": "approle",
        "role_id": ground.secret("openbao-role-id"),
        "secret_id": ground.secret("openbao-secret-id"),
        "mount_point": lab.vault.mount,
        "connections_path": "connections",
        "variables_path": "variables",
        "verify": str(ground.ca_file),
    }
    ground.key_base64("airflow-fernet")
    values = {
        "dags": _dags(),
        "fernet_key_file": shlex.quote(lab.airflow.fernet_key_file),
        "url": lab.airflow.url,
        "user": lab.airflow.user,
        "passwords": passwords,
        "database": database,
        "listen": LOOPBACK,
        "port": ground.ports["airflow-api"],
        "certificate": certificate,
        "key": key,
        "ca": ground.ca_file,
        "api_secret": ground.secret("airflow-api-secret"),
        "jwt_secret": ground.secret("airflow-jwt"),
        "vault": json.dumps(vault),
        "logs": ground.folder("airflow", "logs"),
    }
    escaped = {name: str(value).replace("%", "%%") for name, value in values.items()}
    return ground.render("airflow/airflow.cfg", home / "airflow.cfg", **escaped)


def run_cli(ground: Ground, *commands: list[str], log: str) -> None:
    """Run Airflow's own commands one after the other, their output in the log of that name. Raises `Unhealthy`."""
    file = ground.log(log)
    with file.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "airlock.lab.component", *_joined(commands)],
            env=clean_environment(ground) | _environment(ground),
            cwd=ground.folder("airflow"),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise Unhealthy(f"its last words are in {file}")


def _joined(commands: tuple[list[str], ...]) -> list[str]:
    words: list[str] = []
    for command in commands:
        words += [*(["--then"] if words else []), *command]
    return words
