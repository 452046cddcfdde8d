"""Find the usual faults of a lab and explain them: what was seen, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from airlock.lab.ground import Ground
from airlock.lab.lifecycle import status
from airlock.lab.preflight import Finding, preflight
from airlock.lab.supervisor import Supervisor

# How much of a log's end is read, in bytes.
_TAIL = 20_000
# Last words of a service -> what they mean, what to do.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        r"address already in use|Address in use",
        "another program has taken its port since the lab chose it",
        "./airlock down && ./airlock up chooses another",
    ),
    (r"No space left on device", "the disk is full", "free some space, then ./airlock up"),
    (
        r"could not resize shared memory|Cannot allocate memory|OutOfMemory|MemoryError",
        "there was not enough memory",
        "close something large, or raise the container's limit, then ./airlock up",
    ),
    (
        r"certificate (has expired|is not yet valid)|CERTIFICATE_VERIFY_FAILED",
        "a certificate of the lab is not accepted; the clock may have jumped",
        "./airlock down && ./airlock up mints what has run out; ./airlock down --purge begins anew",
    ),
    (
        r"has wrong ownership|Permission denied|permission denied",
        "files of the lab belong to another user; it was started once as root or as somebody else",
        "stop it as that user, or ./airlock down --purge as that user",
    ),
    (
        r"database files are incompatible|initialized by PostgreSQL version",
        "the data were made by another version of PostgreSQL",
        "./airlock down --purge begins anew; your notebooks and progress stay",
    ),
    (r"InvalidToken", "the Fernet key is not the one the rows were written with", "./airlock down --purge"),
)


def diagnose(ground: Ground) -> list[Finding]:
    """Everything found wrong; empty when the lab can start or is healthy."""
    return [*preflight(ground), *_services(ground), *_leftovers(ground)]


def _services(ground: Ground) -> Iterator[Finding]:
    if not Supervisor(ground).alive():
        if (ground.state / "lab.json").exists():
            yield Finding("The lab was running and is not any more: a reboot, or a crash.", "./airlock up")
        return
    for line in status(ground):
        if line.ok or line.service.name == "jupyter":
            continue
        log = ground.log(line.service.name)
        known = _explain(log)
        if known:
            meaning, remedy = known
            yield Finding(f"{line.service.title}: {line.detail}. Its log says why: {meaning}.", remedy)
        else:
            yield Finding(
                f"{line.service.title}: {line.detail}. Nothing in its log is a known fault.",
                f"Read the end of {log}; then ./airlock down && ./airlock up",
            )


def _explain(log: Path) -> tuple[str, str] | None:
    if not log.exists():
        return None
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL))
        text = stream.read().decode(errors="replace")
    for pattern, meaning, remedy in _KNOWN:
        if re.search(pattern, text):
            return meaning, remedy
    return None


def _leftovers(ground: Ground) -> Iterator[Finding]:
    supervisor = Supervisor(ground)
    if supervisor.alive():
        return
    left = supervisor.leftovers()
    if left:
        pids = ", ".join(str(process.pid) for process in left[:6])
        yield Finding(
            f"{len(left)} processes of this lab are still running without their supervisor (pid {pids}).",
            "./airlock down ends them; ./airlock up does so before it starts",
        )
