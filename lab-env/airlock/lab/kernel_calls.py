"""Calls of the Linux kernel that Python has no function for. Each raises `OSError` when the kernel says no."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from collections.abc import Sequence
from typing import Any

LIBC: Any = ctypes.CDLL(None, use_errno=True)
_KEEPS_PYTHON: Any = ctypes.PyDLL(None, use_errno=True)  # as above, and no other thread of Python's runs meanwhile
_PDEATHSIG = 1
_CLONE = {"x86_64": 56, "aarch64": 220}


def call(name: str, *arguments: Any) -> None:
    """A function of the C library that gives 0."""
    if getattr(LIBC, name)(*arguments) != 0:
        raise _last(name)


def syscall(number: int, *arguments: Any) -> int:
    """A call by its number; returns what the kernel gives."""
    result: int = LIBC.syscall(number, *arguments)
    if result < 0:
        raise _last(f"system call {number}")
    return result


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2)."""
    texts: Sequence[bytes | None] = [each.encode() if each else None for each in (source, target, kind, options)]
    call("mount", texts[0], texts[1], texts[2], flags, texts[3])


def fork_apart(namespaces: int) -> int:
    """`os.fork`, whose child begins in new namespaces (flags of clone(2)): in a new PID namespace as its first process.

    `os.fork` and unshare(2) would take two forks for that. Only for a process with one thread: the C library does not
    hear of this fork. Python does, as its C API asks for (docs.python.org, PyOS_BeforeFork).
    """
    python: Any = ctypes.pythonapi
    python.PyOS_BeforeFork()
    child: int = _KEEPS_PYTHON.syscall(_CLONE[platform.machine()], namespaces | signal.SIGCHLD, 0, 0, 0, 0)
    error = ctypes.get_errno()
    if not child:
        python.PyOS_AfterFork_Child()
        return 0
    python.PyOS_AfterFork_Parent()
    if child < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return child


def end_with_parent() -> None:
    """Have this process killed when the thread that started it ends; new rights undo it (prctl(2))."""
    call("prctl", _PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _last(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
