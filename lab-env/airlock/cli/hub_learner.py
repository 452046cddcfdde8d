"""What stands around one learner's server on the hub: what it is told, its ports, and the end of its lab.

`lab-env/hub/jupyterhub_config.py` hands these to JupyterHub, which runs as root and calls them for each account.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from airlock import paths
from airlock.pki import write_secret

WORK = "work"
_STATE = ".airlock"
# Below the labs of this machine's other users, the teacher's own among them (`airlock.lab.ports`).
_FIRST, _END = 10_000, 21_000
_EACH = 100  # a lab has about 30, and some more for each experiment and warehouse


class Full(Exception):
    """More learners than there are ports for."""


def command() -> list[str]:
    """The words that start a learner's server. Whatever it writes is nobody else's to read."""
    server = Path(sys.prefix) / "bin" / "jupyterhub-singleuser"
    return ["/bin/sh", "-c", 'umask 077 && mkdir -p "$AIRLOCK_WORK" && exec "$0" "$@"', str(server)]


def environment(hub: Path) -> dict[str, str | Callable[[Any], str]]:
    """What a learner's server is told: fixed words, and what follows from the account (a JupyterHub spawner).

    Args:
        hub: the hub's own folder.
    """
    config = paths.course_root() / "lab-env"
    return {
        **_common(),
        "AIRLOCK_STATE": lambda spawner: str(_home(spawner) / _STATE),
        "AIRLOCK_WORK": lambda spawner: str(_home(spawner) / WORK),
        "AIRLOCK_PORTS": lambda spawner: ports(hub, spawner.user.name),
        "AIRLOCK_PATIENCE": "900",  # seconds for each service: a class's labs start at once
        "AIRLOCK_EXCHANGE": os.environ["AIRLOCK_EXCHANGE"],
        "JUPYTER_CONFIG_PATH": f"{config / 'hub' / 'learner'}:{config / 'jupyter'}",
        "MALLOC_ARENA_MAX": "2",
    }


def ports(hub: Path, learner: str) -> str:
    """The range of ports that a learner's lab chooses from, e.g. ``10000-10099``: the same one each time.

    Raises:
        Full: there is none left.
    """
    file = hub / "ports.json"
    given: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    if learner not in given:
        free = [first for first in range(_FIRST, _END, _EACH) if first not in given.values()]
        if not free:
            raise Full(f"{file} has no ports left for {learner}: take learners out who are gone.")
        given[learner] = free[0]
        write_secret(file, json.dumps(given, indent=2).encode())
    return f"{given[learner]}-{given[learner] + _EACH - 1}"


async def stopped(spawner: Any) -> None:
    """Stop the lab of a learner whose server has ended, whatever ended it."""
    account = pwd.getpwnam(spawner.user.name)
    await asyncio.to_thread(_end_starting, account.pw_uid)
    home = _home(spawner)
    told = {"AIRLOCK_STATE": str(home / _STATE), "AIRLOCK_WORK": str(home / WORK)}
    down = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "airlock.cli", "down"),
        cwd=home,
        env={**_common(), **told, "HOME": str(home), "USER": account.pw_name},
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=os.getgrouplist(account.pw_name, account.pw_gid),
        umask=0o077,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
    )
    said, _ = await down.communicate()
    if down.returncode:
        spawner.log.error("The lab of %s did not stop: %s", account.pw_name, said.decode(errors="replace")[-2000:])


def _common() -> dict[str, str]:
    told = {"PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"}
    if "AIRLOCK_ROOT" in os.environ:
        told["AIRLOCK_ROOT"] = os.environ["AIRLOCK_ROOT"]
    return told


def _home(spawner: Any) -> Path:
    return Path(pwd.getpwnam(spawner.user.name).pw_dir)


def _end_starting(uid: int) -> None:
    """End an `airlock up` that is still under way: it would start services after they were stopped."""
    under_way = []
    for process in psutil.process_iter():
        try:
            if process.uids().real == uid and process.cmdline()[-2:] == ["airlock.cli", "up"]:
                process.terminate()
                under_way.append(process)
        except psutil.Error:
            continue
    for process in psutil.wait_procs(under_way, timeout=5)[1]:
        process.kill()
