"""Recordings of the wire: what an eavesdropper on a door kept of each connection."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Doors(Protocol):
    """Where the wire's doors and recordings are (`airlock.lab.description.WireEndpoint`)."""

    @property
    def host(self) -> str: ...
    @property
    def doors(self) -> dict[str, int]: ...
    @property
    def captures(self) -> str: ...


@dataclass(frozen=True)
class Captured:
    """One chunk as it passed. ``time`` is in seconds since the epoch; ``sender`` is ``client`` or ``server``.

    A chunk is what one read gave the proxy: it may hold half a message or several.
    """

    time: float
    sender: str
    data: bytes


@dataclass
class Recording:
    """The connections that went through a door while it was recorded."""

    door: str
    host: str
    port: int
    messages: list[Captured] = field(default_factory=list)

    def sent(self, sender: str) -> bytes:
        """Everything one side sent, joined."""
        return b"".join(message.data for message in self.messages if message.sender == sender)


@contextmanager
def record(wire: Doors, door: str, *, patience: float = 5.0) -> Iterator[Recording]:
    """Record what passes a door while the block runs; ``messages`` is filled when it ends.

    Connections opened in the block should be closed in it; ``patience`` is how many seconds to wait for the proxy
    to write their last bytes.

    Raises:
        KeyError: there is no such door.
    """
    if door not in wire.doors:
        raise KeyError(f"there is no door {door!r}; the doors are {', '.join(wire.doors)}")
    folder = Path(wire.captures)
    before = set(folder.glob(f"{door}-*.jsonl"))
    recording = Recording(door, wire.host, wire.doors[door])
    yield recording
    deadline = time.monotonic() + patience
    while True:
        fresh = sorted(set(folder.glob(f"{door}-*.jsonl")) - before)
        files = [_read(file) for file in fresh]
        if (files and all(ended for _, ended in files)) or time.monotonic() > deadline:
            recording.messages = sorted((m for messages, _ in files for m in messages), key=lambda m: m.time)
            return
        time.sleep(0.05)


def _read(file: Path) -> tuple[list[Captured], bool]:
    messages, ended = [], False
    for line in file.read_text().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the proxy is in the middle of writing this line
        if "hex" in entry:
            messages.append(Captured(entry["t"], entry["from"], bytes.fromhex(entry["hex"])))
        ended = ended or bool(entry.get("end"))
    return messages, ended
