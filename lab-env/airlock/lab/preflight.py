"""What has to hold before a lab can start. Each finding is one sentence and its remedy."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from airlock.lab.ground import Ground
from airlock.lab.ports import LOOPBACK

# Measured with benchmarks/lab.py: the lab's data at rest, and its services in memory without JupyterLab.
_DISK_NEEDED = 600 * 2**20
_MEMORY_NEEDED = 900 * 2**20
# Characters that the services' configuration files give a meaning to.
_UNSAFE = set("'\"\\$`\n\r\t;#")


@dataclass(frozen=True)
class Finding:
    """Something that will keep the lab from working."""

    what: str
    remedy: str


def preflight(ground: Ground) -> list[Finding]:
    """Everything that stands in the way of a start, most basic first; empty when nothing does."""
    return [finding for check in _CHECKS for finding in check(ground)]


def _system(ground: Ground) -> Iterator[Finding]:  # noqa: ARG001
    if platform.system() not in {"Linux", "Darwin"}:
        yield Finding(
            "The lab runs on Linux and macOS; this is neither.",
            "On Windows, use WSL 2, or the containers (docker compose up).",
        )


def _path(ground: Ground) -> Iterator[Finding]:
    if bad := sorted(_UNSAFE & set(str(ground.state))):
        shown = " ".join(repr(character) for character in bad)
        yield Finding(
            f"The path {ground.state} contains {shown}, which configuration files give a meaning to.",
            "Move the clone to a path of letters, digits, spaces, dots, dashes and underscores.",
        )


def _owner(ground: Ground) -> Iterator[Finding]:
    owner = ground.state.stat().st_uid
    if owner != os.geteuid() and os.geteuid() != 0:
        yield Finding(
            f"{ground.state} belongs to another user (uid {owner}): the lab was started as that user before.",
            f"Stop it as that user, or remove the folder: sudo rm -r '{ground.state}'",
        )


def _root(ground: Ground) -> Iterator[Finding]:  # noqa: ARG001
    if os.geteuid() == 0 and not (shutil.which("setpriv") or shutil.which("sudo")):
        yield Finding(
            "PostgreSQL refuses to run as root, and neither setpriv nor sudo is here to drop root's rights.",
            "Run the course as an ordinary user, or install util-linux.",
        )


def _disk(ground: Ground) -> Iterator[Finding]:
    free = shutil.disk_usage(ground.state).free
    if free < _DISK_NEEDED:
        yield Finding(
            f"Only {free // 2**20} MB are free on the disk of {ground.state}; the lab needs {_DISK_NEEDED // 2**20}.",
            "Free some space, or set AIRLOCK_STATE to a folder on another disk.",
        )


def _memory(ground: Ground) -> Iterator[Finding]:  # noqa: ARG001
    available = min(psutil.virtual_memory().available, _container_memory_left())
    if available < _MEMORY_NEEDED:
        yield Finding(
            f"Only {available // 2**20} MB of memory are available; the lab needs about {_MEMORY_NEEDED // 2**20}.",
            "Close something large, or give the machine or container more memory.",
        )


def _localhost(ground: Ground) -> Iterator[Finding]:  # noqa: ARG001
    try:
        found = {info[4][0] for info in socket.getaddrinfo("localhost", None)}
    except OSError:
        found = set()
    if LOOPBACK not in found:
        yield Finding(
            f"The name localhost does not lead to {LOOPBACK} on this machine.",
            "Add the line '127.0.0.1 localhost' to /etc/hosts.",
        )


def _container_memory_left() -> int:
    """What a memory limit of this container leaves (cgroup v2), in bytes; very much when there is none."""
    group = Path("/sys/fs/cgroup")
    try:
        limit = (group / "memory.max").read_text().strip()
        used = int((group / "memory.current").read_text())
    except OSError:
        return sys.maxsize
    return sys.maxsize if limit == "max" else int(limit) - used


_CHECKS: tuple[Callable[[Ground], Iterator[Finding]], ...] = (
    _system,
    _path,
    _owner,
    _root,
    _disk,
    _memory,
    _localhost,
)
