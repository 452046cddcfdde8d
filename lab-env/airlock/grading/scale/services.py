"""The Airflow that grades: its own database, broker, components and Celery workers, on the loopback, all links TLS.

Not the lab's Airflow, which hand-ins administer. What hand-ins may call ends at the lab's ports.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec

import httpx
import psycopg

from airlock.grading.scale import configuration
from airlock.grading.scale.client import Client
from airlock.lab import cluster
from airlock.lab.ground import HOST, Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program, Service, Unhealthy
from airlock.lab.services.postgres import Postgres
from airlock.lab.supervisor import clean_environment
from airlock.pki import write_secret

_BROKERS = ("valkey-server", "redis-server")


def broker_program() -> str:
    """The broker's program on this machine. Raises `Unhealthy` with what to install."""
    for name in _BROKERS:
        if found := shutil.which(name):
            return found
    raise Unhealthy(
        "Airflow's Celery workers need a broker, and neither valkey-server nor redis-server is here. Install one "
        "(Debian, Ubuntu: apt install redis-server; macOS: brew install valkey). The distribution's own service need "
        "not run."
    )


def installed() -> bool:
    """Whether Airflow's Celery provider is in this environment: only who grades so installs it."""
    return find_spec("airflow.providers.celery") is not None


class Metadata(Postgres):
    """A PostgreSQL of its own, run as the lab's is: hand-ins are superusers of that one."""

    name, title = "metadata", "PostgreSQL"

    def check(self, ground: Ground) -> None:
        _session(ground).close()

    def settle(self, ground: Ground) -> None:
        with _session(ground) as session:
            if not session.execute("select 1 from pg_roles where rolname = %s", [configuration.DATABASE]).fetchone():
                session.execute(f"create role {configuration.DATABASE} login password '{ground.secret('metadata')}'")
            if not session.execute("select 1 from pg_database where datname = %s", [configuration.DATABASE]).fetchone():
                session.execute(f"create database {configuration.DATABASE} owner {configuration.DATABASE}")


class Broker(Service):
    """Redis or Valkey: mutual TLS and a password."""

    name, title, ports = "broker", "Broker", ("broker",)

    def program(self, ground: Ground) -> Program:
        folder = ground.folder("broker")
        return Program([broker_program(), str(folder / "redis.conf")], folder)

    def prepare(self, ground: Ground) -> None:
        folder = ground.folder("broker")
        certificate, key = ground.server_certificate(folder, "server")
        ground.render(
            "grading/redis.conf",
            folder / "redis.conf",
            listen=LOOPBACK,
            port=ground.ports["broker"],
            certificate=certificate,
            key=key,
            ca=ground.ca_file,
            password=ground.secret("broker"),
            folder=folder,
        )

    def check(self, ground: Ground) -> None:
        import redis

        certificate, key = configuration.client_certificate(ground)
        try:
            with redis.Redis(
                host=HOST,
                port=ground.ports["broker"],
                password=ground.secret("broker"),
                ssl=True,
                ssl_ca_certs=str(ground.ca_file),
                ssl_certfile=str(certificate),
                ssl_keyfile=str(key),
            ) as session:
                session.ping()
        except (redis.RedisError, ssl.SSLError, OSError) as error:
            raise Unhealthy(f"does not answer yet ({error})") from error


class Migration(Service):
    """Not a program: the configuration, and the metadata database's tables."""

    name, title, after = "migration", "Airflow metadata", ("metadata",)

    def program(self, ground: Ground) -> None:  # noqa: ARG002
        return None

    def prepare(self, ground: Ground) -> None:
        written = configuration.write(ground)
        done = ground.folder("airflow") / "prepared"
        if done.exists() and done.read_bytes() == written.read_bytes():
            return
        with ground.log(self.name).open("w") as output:
            program = configuration.component(ground, "db", "migrate")
            migrated = subprocess.run(
                program.command,
                env=clean_environment(ground) | dict(program.environment),
                cwd=program.directory,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if migrated.returncode:
            raise Unhealthy(f"preparing Airflow's metadata failed; its last words are in {ground.log(self.name)}")
        write_secret(done, written.read_bytes())

    def check(self, ground: Ground) -> None:
        """Nothing runs; `prepare` has raised if anything was wrong."""


@dataclass(frozen=True)
class Component(Service):
    """One of Airflow's own long-running commands, known by its heartbeat in the API server's health report."""

    name: str = ""
    title: str = ""
    words: tuple[str, ...] = ()
    reported_as: str = ""
    ports: tuple[str, ...] = ()
    after: tuple[str, ...] = ("migration",)

    def program(self, ground: Ground) -> Program:
        return configuration.component(ground, *self.words)

    def check(self, ground: Ground) -> None:
        try:
            status = Client(ground).health()[self.reported_as]["status"]
        except httpx.HTTPError as error:
            raise Unhealthy(f"does not answer yet ({type(error).__name__})") from error
        if status != "healthy":
            raise Unhealthy(f"{self.reported_as}: {status}")


@dataclass(frozen=True)
class Worker(Service):
    """A Celery worker, number 1 to n. The first also lists and records: it is where the gradebook is."""

    number: int = 1
    after: tuple[str, ...] = ("migration", "broker")

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"worker-{self.number}"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Celery worker {self.number}"

    def program(self, ground: Ground) -> Program:
        queues = "gradebook,hand-ins" if self.number == 1 else "hand-ins"
        pid = ground.folder("airflow") / f"{self.name}.pid"
        # --skip-serve-logs: no log server, which would listen on every interface.
        words: tuple[str, ...] = (
            "celery",
            "worker",
            "--queues",
            queues,
            "--concurrency",
            "1",
            "--celery-hostname",
            self.name,
        )
        words += ("--skip-serve-logs", "--without-gossip", "--pid", str(pid))
        return configuration.component(ground, *words, AIRLOCK_WORKER=self.name)

    def check(self, ground: Ground) -> None:
        log = ground.log(self.name)
        if not log.exists() or f"celery@{self.name} ready" not in log.read_text(errors="replace"):
            raise Unhealthy("has not said yet that it is ready")


def services(workers: int) -> list[Service]:
    """Everything, with so many Celery workers."""
    return [
        Metadata(),
        Broker(),
        Migration(),
        Component("api-server", "Airflow API server", ("api-server",), "metadatabase", ("airflow-api",)),
        Component("scheduler", "Airflow scheduler", ("scheduler", "-s"), "scheduler"),
        Component("dag-processor", "Airflow DAG processor", ("dag-processor",), "dag_processor"),
        *(Worker(number) for number in range(1, workers + 1)),
    ]


def _session(ground: Ground) -> psycopg.Connection:
    try:
        return psycopg.connect(
            host=HOST,
            port=ground.ports["postgres"],
            user=cluster.ADMIN,
            password=ground.secret("postgres-admin"),
            dbname="postgres",
            sslmode="verify-full",
            sslrootcert=str(ground.ca_file),
            connect_timeout=3,
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        raise Unhealthy(str(error).strip().splitlines()[0]) from error
