"""Take OpenBao away for the time of a block: really sealed, or really stopped, and healthy again afterwards.

It is everybody's server. So the outage waits for the DAG runs that others are following, and others wait for its end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airlock.lab.description import Lab, LabDown
from airlock.lab.ground import Ground
from airlock.lab.locks import OUTAGE, exclusive
from airlock.lab.service import Unhealthy
from airlock.lab.services.openbao import OpenBao
from airlock.lab.supervisor import Supervisor
from airlock.lab.vault import root

_NAME = OpenBao.name
_PATIENCE = 60.0  # seconds to be active again; it needs less than one


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
        ground, deadline = Ground(Path(lab.state)), time.monotonic() + _PATIENCE
        Supervisor(ground).restart(_NAME)
        while (why := _unwell(ground)) is not None:
            if time.monotonic() > deadline:
                raise LabDown(f"OpenBao has not come back: {why}.")
            time.sleep(0.1)


def _unwell(ground: Ground) -> str | None:
    try:
        OpenBao().check(ground)
    except Unhealthy as why:
        return str(why)
    return None
