"""The link between workers and Airflow's API server, as a lesson listens to it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from airlock.lab import View, execution_api
from airlock.lesson import progress
from airlock.lesson.errors import told


class ExecutionApi:
    """Airflow's Execution API: where a worker fetches the connections of its task, decrypted."""

    def __init__(self, view: View) -> None:
        self._view = view

    def look_up(self, conn_id: str, url: str | None = None) -> execution_api.Overheard:
        """Ask for a connection as a worker does, with somebody listening on the link: ``.text`` is what he can read.

        ``url`` is the lab's own API server unless told otherwise. Takes a few seconds.
        """
        return execution_api.look_up(self._view, conn_id, url)

    def stock(self) -> AbstractContextManager[str]:
        """``with lab.execution_api.stock() as url:`` a second API server, as Airflow's own defaults would start it."""
        progress.current().visit("watch")
        return told(execution_api.stock(self._view))
