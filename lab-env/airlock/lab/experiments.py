"""The matrix of `airlock.wire.matrix`, run in this lab: one run at a time, and only with a wire that is there."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from airlock.lab.description import LabDown
from airlock.lab.rules import ruled_logins
from airlock.lab.view import View
from airlock.wire import matrix
from airlock.wire.matrix import Authentication, Result, ServerRule
from airlock.wire.refusals import reason


def run(
    view: View,
    servers: Collection[tuple[ServerRule, Authentication]],
    *,
    clients: Sequence[str] = tuple(matrix.CLIENTS),
    situations: Sequence[str] = matrix.CORE,
    progress: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Every client in every situation against every kind of server; about 60 experiments a second.

    Args:
        view: whose rights the clients have.
        servers: what the server demands: its rule for the link, and how it asks for the password.
        clients, situations: rows and columns.
        progress: called with each result, from several threads.

    Raises:
        LabDown: a service does not answer. What does not answer has refused nobody, so it is no result.
    """

    def judged(result: Result) -> None:
        if result.error and not (why := reason(result.error)).decided:
            raise LabDown(f"The wire's {result.situation} door did not answer ({why.name}).")
        progress(result)

    # Runs share doors, and recordings go by the door: two at a time would take each other's sessions for their own.
    with (Path(view.lab.state) / "matrix.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ruled_logins(view) as logins:
            chosen = {key: login for key, login in logins.items() if key in servers}
            return matrix.run(
                view.lab.wire, chosen, view.lab.ca_file, clients=clients, situations=situations, progress=judged
            )
