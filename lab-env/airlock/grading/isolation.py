"""What a hand-in's kernel sees: the course's package, its working folder, the lab. Nothing of whoever grades.

The lab is inside, with its secrets: lessons administer it. So one hand-in at a time has a view there. Lessons 4 to 6
restart services of the lab; their hand-ins may call its supervisor, which lets them stop any service and start no
program of their own. What they configure, a PostgreSQL server, is shut in for itself (`airlock.lab.cluster`).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import airlock
from airlock import paths
from airlock.course import forked
from airlock.lab import Lab, LabDown, Seed, View, shutting
from airlock.lab.breakdowns import colleague_of
from airlock.lab.deployment.place import folder_of
from airlock.lab.ground import Ground
from airlock.lab.sandbox import Sandbox
from airlock.lab.supervisor import Supervisor
from airlock.lab.warehouse import Warehouse, announce, remove

_KEPT = ("HOME", "LANG", "LC_ALL", "NBGRADER_EXECUTION", "PATH", "PYTHONPATH", "PYTHONWARNINGS", "TZ")
# Below the state folder. Lessons record in the wire's folder, change keys in a lock, and read a stolen key.
_WRITTEN = ("airflow/environments", "airflow/logs", "locks", "pki/teams", "secrets", "wire")
_HIDDEN = ("course", "jupyter", "learner.json", "postgres", "progress.json", "supervisor")
_COPIED = ("postgres/server.key", "postgres/server.crt", "postgres/ca.crt")
# Lessons that restart services; the output of what they run for it; lessons whose owner has a warehouse.
_RESTARTING, _SAID, _WITH_WAREHOUSE = {4, 5, 6}, ("rotate-fernet-key", "airflow-api-stock"), {5, 6}


def restarts_services(lessons: tuple[int, ...]) -> bool:
    """Whether hand-ins with tasks of these lessons take services of the lab away from others for a moment."""
    return bool(_RESTARTING & set(lessons))


def warm() -> None:
    """Wait for the fork server of hand-ins' kernels, so that forks of this process share it."""
    with suppress(LabDown, forked.ServerGone):
        forked.server_for(environment(View(Lab.current(), Seed.random())))


def start_warming() -> None:
    """Have that server start, and go on with something else meanwhile."""
    with suppress(LabDown):
        forked.warm(environment(View(Lab.current(), Seed.random())))


@cache
def weakness() -> str:
    """Why hand-ins run with all rights of this process on this machine; empty when they are shut in."""
    return shutting.isolation()


def told(assignment: str) -> str:
    """The isolation in force for a lesson's hand-ins, in a sentence for the instructor."""
    if why := weakness():
        return f"Hand-ins of {assignment} are NOT shut in: their code has your rights ({why})."
    also = "; they may stop services of the lab" if _lessons(assignment) & _RESTARTING else ""
    network = f"the network is open ({open_network()})" if open_network() else "of the network only the lab"
    return f"Hand-ins of {assignment} are shut in: they see no file of yours and no process outside, {network}{also}."


@cache
def open_network() -> str:
    """Why hand-ins may call anybody from this machine; empty when they may not."""
    return shutting.gate()


@contextmanager
def shut_in(view: View, assignment: str) -> Iterator[Sandbox | None]:
    """The sandbox of a view's hand-in, for as long as it runs; None where there can be none.

    Raises:
        LabDown: the lab is not there.
    """
    if weakness():
        yield None
        return
    lessons = _lessons(assignment)
    owners = (view, colleague_of(view)) if lessons & _WITH_WAREHOUSE else ()
    try:
        opened = [folder for owner in owners for folder in announce(owner)]
        if lessons & _RESTARTING:
            opened += _opened(view)
        ports = {port for owner in owners for port in Warehouse(owner).ports}
        yield _sandbox(view, opened, ports, bool(lessons & _RESTARTING))
    finally:
        for owner in owners:
            remove(owner)


def _sandbox(view: View, opened: Iterable[Path], ports: set[int], supervised: bool) -> Sandbox:
    state, ground = Path(view.lab.state), Ground(Path(view.lab.state))
    package = Path(airlock.__file__).resolve().parents[1]
    root = paths.course_root() / "lab-env"  # templates of configuration files
    imported = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    written = [*(ground.folder(*name.split("/")) for name in _WRITTEN), *opened]
    sockets = Supervisor(ground).sockets if supervised else []
    return Sandbox(
        seen=tuple(map(str, (package, root, Path(sys.executable).resolve().parents[1], *imported, state))),
        written=tuple(map(str, written)),
        hidden=tuple(str(state / name) for name in _HIDDEN),
        copied=tuple(str(state / name) for name in _COPIED if (state / name).exists()),
        called=tuple(str(socket) for socket in sockets if socket.exists()),
        ports=None
        if open_network()
        else tuple(ports | {ground.ports[name] for name in ground.ports if name != "jupyter"}),
        answering=os.getpid(),
    )


def _opened(view: View) -> list[Path]:
    """What has to be there to be written to."""
    ground, deployment = Ground(Path(view.lab.state)), folder_of(view)
    deployment.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = [ground.state / "matrix.lock", *(ground.log(name) for name in _SAID)]
    for file in files:
        file.touch()
    return [deployment, *files]


def _lessons(assignment: str) -> set[int]:
    return set(map(int, re.findall(r"\d+", assignment)))  # of `lesson-3`, and of `exam-2-4`


def environment(view: View) -> dict[str, str]:
    """The environment of a hand-in's kernel: none of the grader's own settings."""
    whole = forked.environment(view) | {"PATH": search_path()}
    return {name: value for name, value in whole.items() if name in _KEPT or name.startswith("AIRLOCK_")}


def search_path() -> str:
    """``PATH`` with the programs beside this Python first; another value would be another fork server."""
    here, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    return path if path.split(os.pathsep)[0] == here else os.pathsep.join([here, path])
