"""Who may change what all teams share: locks that every process of this lab sees, released even by a crash."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airlock.lab.description import Lab


@contextmanager
def exclusive(lab: Lab, name: str) -> Iterator[None]:
    """Wait for the lock ``name``, hold it for the block."""
    folder = Path(lab.state) / "locks"
    folder.mkdir(exist_ok=True, mode=0o700)
    handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
