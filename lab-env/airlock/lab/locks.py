"""Who may change what all teams share: locks that every process of this lab sees, released even by a crash."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airlock.lab.description import Lab, LabDown

OUTAGE = "outage"
"""Held by who takes a service away from everybody for a moment, and shared by who needs all of them meanwhile."""

_PATIENCE = 120.0  # seconds
_held: set[str] = set()  # exclusively, by this process, which must not wait for itself


@contextmanager
def exclusive(lab: Lab, name: str) -> Iterator[None]:
    """Hold the lock ``name`` for the block, alone. Raises `LabDown` when others do not let go of it."""
    with _locked(lab, name, fcntl.LOCK_EX):
        _held.add(name)
        try:
            yield
        finally:
            _held.discard(name)


@contextmanager
def shared(lab: Lab, name: str) -> Iterator[None]:
    """Hold the lock ``name`` for the block, with others who share it. Raises `LabDown` as `exclusive` does."""
    if name in _held:
        yield
    else:
        with _locked(lab, name, fcntl.LOCK_SH):
            yield


def taken(lab: Lab, name: str) -> bool:
    """Whether another process holds the lock alone."""
    if name in _held:
        return False
    handle = _open(lab, name)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def _locked(lab: Lab, name: str, kind: int) -> Iterator[None]:
    handle, deadline = _open(lab, name), time.monotonic() + _PATIENCE
    try:
        while True:
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LabDown(
                        f"Another team has held the lab for {_PATIENCE:.0f} seconds.", "./airlock status"
                    ) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(handle)


def _open(lab: Lab, name: str) -> int:
    folder = Path(lab.state) / "locks"
    folder.mkdir(exist_ok=True, mode=0o700)
    return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
