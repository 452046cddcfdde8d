"""What Airflow stores and the keys it stores it with, as a lesson uses them."""

from __future__ import annotations

import time
from typing import Any

from airlock.lab import View, fernet, metadata


class Metadata:
    """The metadata database's table `connection`, read by somebody who has the database and nothing else."""

    def __init__(self, view: View) -> None:
        self._view = view

    def row(self, conn_id: str) -> dict[str, Any]:
        """A connection's row, column by column, exactly as it is stored."""
        found = metadata.row(self._view.lab, conn_id)
        if found is None:
            raise ValueError(f"the table `connection` has no row {conn_id!r}")
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Your team's rows, oldest first."""
        return metadata.rows(self._view)

    def store_in_clear(self, conn_id: str, **fields: str | int | None) -> None:
        """Store a connection of your team's as an Airflow does whose `fernet_key` is empty; ``fields`` are columns."""
        metadata.store_in_clear(self._view, conn_id, **fields)


class FernetKeys:
    """The keys of the running Airflow: the first encrypts, every one is tried to open what is stored."""

    def __init__(self, view: View) -> None:
        self._lab = view.lab

    def keys(self) -> list[str]:
        """The keys in use, the encrypting one first."""
        return fernet.keys(self._lab)

    def configure(self, *keys: str) -> list[str]:
        """Give the running Airflow these keys, and return the ones then in use.

        The API server takes them up without an outage. A key that a stored value of any team still needs stays.
        """
        begin, wanted = time.monotonic(), list(dict.fromkeys(keys))
        ring = fernet.configure(self._lab, wanted)
        print(f"The API server has forked a worker with {_count(ring)} after {time.monotonic() - begin:.1f} s.")
        if kept := len(ring) - len(wanted):
            print(
                f"{kept} of them you left out, and stored values still need it: `rotate-fernet-key` writes them anew."
            )
        return ring

    def rotate(self) -> None:
        """Run `airflow rotate-fernet-key`: what is encrypted is written anew under the first key."""
        begin = time.monotonic()
        fernet.rotate(self._lab)
        print(f"airflow rotate-fernet-key: done after {time.monotonic() - begin:.1f} s.")


def _count(ring: list[str]) -> str:
    return "one key" if len(ring) == 1 else f"{len(ring)} keys"
