"""The recording of one connection; the format is described in ``airlock/wire/captures.py``."""

import json
import os
import time
from pathlib import Path

# Bytes noted of one connection: a long transfer must not fill the disk.
LIMIT = 64 * 2**20


class Notes:
    """A file of lines, one an event. Written at once: a reader may follow while the connection lives."""

    def __init__(self, folder: Path, door: str, client: tuple, address: tuple, *, passive: bool) -> None:
        now = time.time()
        self._noted = 0
        file = folder / f"{door}-{time.time_ns()}-{client[1]}.jsonl"
        # Whoever can read this file can read the session: owner only.
        self._stream = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
        self._write(t=now, door=door, client=list(client[:2]), address=list(address[:2]), passive=passive)

    def chunk(self, leg: str, layer: str, sender: str, data: bytes) -> None:
        """Bytes that ``sender`` (client or server) sent on a leg: raw, or clear as the door read them."""
        if self._noted > LIMIT:
            return
        self._noted += len(data)
        if self._noted > LIMIT:
            self._write(t=time.time(), full=True)
            return
        self._write(t=time.time(), leg=leg, layer=layer, **{"from": sender}, hex=data.hex())

    def event(self, leg: str, **facts: object) -> None:
        """Something else that happened on a leg."""
        self._write(t=time.time(), leg=leg, **facts)

    def close(self) -> None:
        """Say that nothing follows."""
        self._write(t=time.time(), end=True)
        self._stream.close()

    def _write(self, **record: object) -> None:
        if not self._stream.closed:
            self._stream.write(json.dumps(record) + "\n")
            self._stream.flush()


class NoNotes:
    """An honest cable keeps none."""

    def chunk(self, leg: str, layer: str, sender: str, data: bytes) -> None:
        """Nothing."""

    def event(self, leg: str, **facts: object) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
