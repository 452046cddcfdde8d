"""What lesson 5 adds to `lab`: a server of one's own, and a connection on every path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock.lab import View
from airlock.lesson.errors import guarded, lab_needed, telling

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airlock.lab.every_path import Walk
    from airlock.lab.warehouse import Warehouse


class Encryption:
    """Encryption, as a learner configures it."""

    @property
    def warehouse(self) -> Warehouse:
        """Your team's own PostgreSQL: configure it, break it, attack it. ``lab.warehouse.start()`` starts it."""
        from airlock.lab.warehouse import Warehouse

        with lab_needed():
            return guarded(Warehouse(View.current()))

    def paths(
        self,
        connection: str | Connection,
        through: str = "eavesdropper",
        only: tuple[str, ...] = ("get_conn", "sqlalchemy", "get_df", "run_dag"),
    ) -> dict[str, Walk]:
        """Open an Airflow connection to your warehouse on every path, past a door that listens.

        ``connection`` is one, or the id of one in your tasks' environment or in Airflow. Of each path: ``.session`` is
        what the server knew of the link, ``.wire`` and ``.loot`` what the listener saw of the same session, ``.error``
        why it did not get in. Takes a few seconds.
        """
        from airlock.lab.every_path import walk

        with telling():
            return walk(View.current(), connection, through, only)
