"""Shutting a process in: a sandbox's root, processes of its own, limits, no rights, and a gate to the network.

Linux namespaces; needs neither root nor a program such as bubblewrap. What may be called is in `airlock.lab.gate`. Root
is no root inside: it is an account of no name, with the files of root that are shown.
"""

from __future__ import annotations

import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from airlock.lab import gate as network
from airlock.lab.gatekeeper import Gatekeeper
from airlock.lab.kernel_calls import LIBC, call, end_with_parent, fork_apart
from airlock.lab.sandbox import MACHINES, Sandbox, change_root

MEMORY = 4 << 30  # address space of one process, bytes: Airflow maps a good part of it
PROCESSES = 400  # with threads
FILE_BYTES = 256 << 20
NOBODY = 65534  # what root is inside: programs refuse to be root, PostgreSQL for one

_NEW = 0x10000000 | 0x20000000 | 0x08000000 | 0x04000000  # user, pid, ipc, uts
_NO_NEW_PRIVS, _BOUNDING_DROP = 38, 24


@cache
def isolation() -> str:
    """Why nothing can be shut in on this machine; empty when it can. Tries it."""
    return "" if not gate() else _tried("Sandbox()")


@cache
def gate() -> str:
    """Why the network of what is shut in cannot be closed on this machine; empty when it can. Tries it."""
    return _tried("Sandbox(ports=())")


def _tried(box: str) -> str:
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return "only Linux can shut a program in"
    with tempfile.TemporaryDirectory() as folder:
        program = f"from {__name__} import Sandbox, enter; enter({box})"
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60, cwd=folder
        )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it ended at once"])[-1]


def fork() -> int:
    """`os.fork`, whose child has processes and rights of its own. It is not shut in before it calls `shut`.

    Raises:
        OSError: this machine does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    child = fork_apart(_NEW)
    if not child:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user or NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group or NOBODY} {group} 1")
    return child


def shut(sandbox: Sandbox, gatekeeper: Gatekeeper, copy: str = "", copies: Mapping[str, bytes] | None = None) -> None:
    """Shut in this process, which `fork` has made.

    Args:
        sandbox: what is seen.
        gatekeeper: asked for a watch, if the network is to be closed, and closed here.
        copy: a folder whose content is copied, so that nothing is written to it.
        copies: what is in the files that the sandbox has copied.

    Raises:
        OSError: this machine does not allow it.
    """
    os.setsid()
    watch = (
        gatekeeper.watch(network.Policy(set(sandbox.ports), sandbox.answering)) if sandbox.ports is not None else None
    )
    gatekeeper.close()
    change_root(sandbox, PROCESSES, copy, copies or {})
    _limit()
    _give_up_rights()
    if watch:
        with watch:
            handle = network.close()
            socket.send_fds(watch, [b"x"], [handle])
            os.close(handle)  # whoever has it says what may be called


def enter(sandbox: Sandbox, signals: Sequence[int] = (signal.SIGINT,)) -> None:
    """Shut this program in: what returns is the first process of the sandbox. The caller's own one waits for its end.

    Args:
        sandbox: what is seen.
        signals: what the waiting process hands on.

    Raises:
        OSError: this machine does not allow it.
    """
    copies = {name: Path(name).read_bytes() for name in sandbox.copied}
    gatekeeper = Gatekeeper()
    if first := fork():
        gatekeeper.close()
        _wait(first, signals)
    end_with_parent()
    shut(sandbox, gatekeeper, copies=copies)


def _wait(first: int, signals: Sequence[int]) -> None:
    """Outside the sandbox: hand signals on, end when it ends. Its end by force ends everything inside."""
    for each in signals:
        signal.signal(each, lambda number, _: _hand_on(first, number))
    _, status = os.waitpid(first, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 255)


def _hand_on(first: int, number: int) -> None:
    try:
        os.killpg(first, number)
    except ProcessLookupError:  # it leads no group yet
        os.kill(first, number)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
    ):
        resource.setrlimit(what, (most, most))


def _give_up_rights() -> None:
    """No mount may be undone: all that its own namespace lets the first process do is dropped, for good."""
    for capability in range(64):
        if LIBC.prctl(_BOUNDING_DROP, capability, 0, 0, 0) != 0:
            break
    call("capset", struct.pack("Ii", 0x20080522, 0), bytes(24))
    call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0)
