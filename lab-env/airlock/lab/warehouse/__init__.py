"""A second PostgreSQL for each team that wants one: its owner configures it, breaks it, and attacks it.

`Warehouse(view)` is all that others need. A team without one costs nothing.
"""

from airlock.lab.warehouse.announced import announce
from airlock.lab.warehouse.server import Refused, Status
from airlock.lab.warehouse.sessions import Session
from airlock.lab.warehouse.warehouse import Warehouse, remove, revive

__all__ = ["Refused", "Session", "Status", "Warehouse", "announce", "remove", "revive"]
