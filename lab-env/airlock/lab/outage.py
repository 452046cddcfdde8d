"""Take OpenBao away for the time of a block: really sealed, or really stopped, and healthy again afterwards.

It is everybody's server. So the outage waits for the DAG runs that others are following, and others wait for its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airlock.lab.description import Lab, LabDown
from airlock.lab.ground import Ground
from airlock.lab.locks import OUTAGE, exclusive
from airlock.lab.service import Unhealthy
from airlock.lab.services.openbao import OpenBao, wait_until_active
from airlock.lab.supervisor import Supervisor
from airlock.lab.vault import client, root

_NAME = OpenBao.name


@contextmanager
def sealed(lab: Lab) -> Iterator[None]:
    """Seal OpenBao for the block: it answers, and has forgotten the key to its own storage. Raises `LabDown`."""
    with exclusive(lab, OUTAGE), _healed(lab):
        root(lab).sys.seal()
        yield


@contextmanager
def stopped(lab: Lab) -> Iterator[None]:
    """Stop OpenBao for the block: nothing answers. Raises `LabDown`."""
    with exclusive(lab, OUTAGE), _healed(lab):
        Supervisor(Ground(Path(lab.state))).stop(_NAME)
        yield


@contextmanager
def _healed(lab: Lab) -> Iterator[None]:
    try:
        yield
    finally:
        # A static seal opens at the start of the server, as an HSM's or a cloud's does; it cannot be asked to later.
        Supervisor(Ground(Path(lab.state))).restart(_NAME)
        try:
            wait_until_active(client(lab))
        except Unhealthy as why:
            raise LabDown(f"OpenBao has not come back: {why}") from None
