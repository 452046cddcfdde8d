"""The lab as containers: which service runs in which, what is made before the first starts, and how one serves.

They share a network, so that loopback is the same for all, and the state folder. Everything else is the process
lab's: the services, their configuration, their checks. Each container has a supervisord of its own, and `Supervisor`
finds them all.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from airlock.lab.ground import Ground
from airlock.lab.lifecycle import StartFailed, last_words, start_all
from airlock.lab.service import Service, Unhealthy
from airlock.lab.services import JUPYTER, LAB
from airlock.lab.supervisor import Supervisor, clean_environment

_RUNS = {  # the containers of docker-compose.yml, and the services in each
    "postgres": ("postgres",),
    "vault": ("openbao",),
    "aws": ("aws",),
    "billing": ("billing",),
    "wire": ("wire",),
    "airflow": ("airflow-database", "airflow-api", "airflow-scheduler"),
    "jupyter": ("jupyter",),
}
NAMES = tuple(_RUNS)
# Ports that a browser outside is told; all others are of no concern to it and stay random.
PUBLISHED = ("jupyter", "airflow-api", "openbao")
# Secrets that two containers need. Each would make its own, were it the first to ask.
_SHARED = (
    *("postgres-admin", "airflow-admin", "openbao-role-id", "openbao-secret-id", "jupyter-token", "airflow-database"),
    *("airflow-api-secret", "airflow-jwt"),
)
# In the container's own /tmp: whoever starts anew is not settled.
_SETTLED = Path("/tmp/airlock-settled")


def mint(ground: Ground, published: dict[str, int]) -> None:
    """Choose the ports, and make the authority and the secrets that containers share. Idempotent.

    ``published`` has the ports of `PUBLISHED`, the same inside as outside: they are part of addresses that are shown.
    """
    everything = [port for service in (*LAB, JUPYTER) for port in service.ports]
    (ground.state / "ports.json").write_text(json.dumps(ground.ports | published))
    ground.__dict__.pop("ports")
    ground.choose_ports(everything)
    (ground.state / "containers.json").write_text(
        json.dumps({service: container for container, services in _RUNS.items() for service in services}, indent=2)
    )
    _ = ground.authority, ground.lab_id
    for name in _SHARED:
        ground.secret(name)
    ground.key_base64("airflow-fernet")


def serve(ground: Ground, container: str, before: Callable[[], None]) -> None:
    """Run the services of one container in the foreground: this process becomes its supervisor, and never returns.

    Args:
        before: what is done once, beside it, before the services are started.
    """
    services, supervisor = services_of(container), Supervisor(ground, container)
    _SETTLED.unlink(missing_ok=True)
    supervisor.shutdown()  # the socket of a container that was killed
    command = supervisor.command({s.name: program for s in services if (program := s.program(ground))})
    if os.fork():
        os.execve(command[0], [*command, "--nodaemon"], clean_environment(ground))
    try:
        before()
        supervisor.await_answer()
        start_all(ground, supervisor, services, _tell)
        _SETTLED.touch()
    except (StartFailed, Unhealthy) as failure:
        service = failure.service if isinstance(failure, StartFailed) else services[0]
        print(f"{failure}\nIt says: {last_words(ground, service)}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def check(ground: Ground, container: str) -> None:
    """What the engine asks every few seconds. Raises `Unhealthy`."""
    if not _SETTLED.exists():
        raise Unhealthy("still starting")
    for service in services_of(container):
        service.check(ground)


def services_of(container: str) -> list[Service]:
    """The services of one container, in the order of the lab."""
    return [service for service in (*LAB, JUPYTER) if service.name in _RUNS[container]]


def _tell(name: str, phase: str) -> None:
    print(f"{name}: {phase}", flush=True)
