"""Start, stop and look at a lab: every service in the order of its dependencies, as parallel as they allow."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from airlock.lab import warehouse
from airlock.lab.describe import describe
from airlock.lab.description import Lab, LabDown
from airlock.lab.ground import Ground
from airlock.lab.provision import open_view
from airlock.lab.service import Service, Unhealthy
from airlock.lab.services import JUPYTER, LAB
from airlock.lab.supervisor import Supervisor
from airlock.lab.view import View, learner_seed

# Seconds a service may take to answer; a loaded two-core machine needs about a minute for Airflow. Whoever starts a
# class's labs at once on one machine (`airlock.cli.hub_learner`) gives them longer.
_PATIENCE = float(os.environ.get("AIRLOCK_PATIENCE", "240"))

# Process ids one service may have had while `up` waits for it; more is a crash that repeats.
_RESTARTS = 4

# What a learner types on their own machine, where the lab is containers.
CONTAINERS_UP, CONTAINERS_DOWN = "docker compose up --wait", "docker compose down"

Progress = Callable[[str, str], None]  # service name, phase


class StartFailed(Exception):
    """A service did not come up.

    Attributes:
        service, log: which one, and where its last words are.
    """

    def __init__(self, service: Service, why: str, log: Path) -> None:
        super().__init__(f"{service.title} did not start: {why}")
        self.service = service
        self.log = log


class _Abandoned(Exception):
    """Waiting has lost its point: another service has failed, or the user has had enough."""


@dataclass(frozen=True)
class Health:
    """One line of ``status``. ``pid`` is 0 when nothing runs; ``uptime`` is in seconds."""

    service: Service
    ok: bool
    detail: str
    pid: int
    uptime: float


def up(ground: Ground, progress: Progress, *, jupyter: bool = False) -> Lab:
    """Start what is not running yet and wait until every service answers.

    Raises:
        StartFailed: one of them did not; what came up stays up, for a look at it.
        LabDown: the lab is containers, and one is not there.
    """
    wanted = (*LAB, JUPYTER) if jupyter else LAB
    supervisor = Supervisor(ground)
    if ground.containers:
        if missing := supervisor.missing():
            raise LabDown(f"Containers that do not run: {', '.join(missing)}.", CONTAINERS_UP)
        start_all(ground, supervisor, wanted, progress)
        return open_lab(ground)
    everything = (*LAB, JUPYTER)
    ports = [port for service in everything for port in service.ports]
    if not supervisor.alive() or not set(ports) <= set(ground.ports):
        supervisor.shutdown()  # what a crash has left, or a lab from before an update that needs more ports
        ground.choose_ports(ports)
    _ = ground.authority, ground.lab_id  # made once, before threads ask for them
    programs = {s.name: program for s in everything if (program := s.program(ground))}
    supervisor.launch(programs)
    start_all(ground, supervisor, wanted, progress)
    return open_lab(ground)


def open_lab(ground: Ground) -> Lab:
    """Describe the lab whose services answer, and let its learner in."""
    lab = describe(ground)
    lab.write()
    open_view(View(lab, learner_seed(ground.state)))
    warehouse.revive(lab)
    return lab


def down(ground: Ground) -> None:
    """Stop everything of this lab. What it has stored stays.

    Raises:
        LabDown: it runs as containers, which are not this process's to stop.
    """
    if ground.containers:
        raise LabDown("The lab runs as containers: from inside one, nothing can stop it.", CONTAINERS_DOWN)
    (ground.state / "lab.json").unlink(missing_ok=True)
    Supervisor(ground).shutdown()


def status(ground: Ground) -> list[Health]:
    """Every service, asked now."""
    supervisor = Supervisor(ground)
    states = supervisor.states()
    services = [service for service in (*LAB, JUPYTER) if service.program(ground)] if ground.ports else []

    def look(service: Service) -> Health:
        state = states.get(service.name)
        if state is None or not state.running:
            return Health(service, False, state.detail if state else "stopped", 0, 0.0)
        try:
            service.check(ground)
        except Unhealthy as why:
            return Health(service, False, str(why), state.pid, state.uptime)
        return Health(service, True, "healthy", state.pid, state.uptime)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(look, services))


def start_all(ground: Ground, supervisor: Supervisor, services: Sequence[Service], progress: Progress) -> None:
    """Start services that the supervisor knows, each after those it names. Raises `StartFailed` as `up` does."""
    settled = {service.name: threading.Event() for service in services}
    stop = threading.Event()
    failures: list[Exception] = []  # the first is the cause; what follows from it is not worth telling

    def run(service: Service) -> None:
        try:
            for earlier in settled.keys() & service.after:  # whoever leaves one out has started it already
                while not settled[earlier].wait(0.05):
                    if stop.is_set():
                        return
            _start(ground, supervisor, service, progress, stop)
            settled[service.name].set()
        except _Abandoned:
            return
        except Exception as failure:
            failures.append(failure)
            stop.set()

    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        futures = [pool.submit(run, service) for service in services]
        try:
            wait(futures)
        except KeyboardInterrupt:
            stop.set()  # or the threads would go on waiting, and this process with them
            raise
    if failures:
        raise failures[0]


def _start(ground: Ground, supervisor: Supervisor, service: Service, progress: Progress, stop: threading.Event) -> None:
    log = ground.log(service.name)
    try:
        program = service.program(ground)
        if program is not None and service.spoiled(ground):
            supervisor.stop(service.name)
        if program is None or not supervisor.state(service.name).running:
            progress(service.name, "preparing")
            service.prepare(ground)
        if program is not None:
            progress(service.name, "starting")
            supervisor.start(service.name)
        _wait(ground, supervisor, service, stop)
        progress(service.name, "settling")
        service.settle(ground)
    except Unhealthy as why:
        progress(service.name, "failed")
        raise StartFailed(service, str(why), log) from None
    progress(service.name, "ready")


def _wait(ground: Ground, supervisor: Supervisor, service: Service, stop: threading.Event) -> None:
    deadline = time.monotonic() + _PATIENCE
    pids: set[int] = set()
    while True:
        try:
            service.check(ground)
            return
        except Unhealthy:
            if stop.is_set():
                raise _Abandoned from None
            if time.monotonic() > deadline:
                raise
            pids.add(supervisor.state(service.name).pid)
            if len(pids) > _RESTARTS:
                raise Unhealthy(f"it ends right after each start. It says: {last_words(ground, service)}") from None
        time.sleep(0.3)  # asking costs CPU time that the service needs to come up


def last_words(ground: Ground, service: Service) -> str:
    """The last line of a service's log that is not empty, shortened."""
    log = ground.log(service.name)
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][-300:] if lines else "nothing"
