"""What a check may look at.

A check is handed a `World` and returns a `Report`. In learner mode the world is this kernel and this lab; in
grading mode the check runs in a trusted process and `value`/`call` reach into the learner's kernel over the
Jupyter protocol. Either way only plain data (`Plain`) comes back.
"""

from __future__ import annotations

from typing import Protocol

from airlock.checks.plain import Plain
from airlock.lab import Lab, View

__all__ = ["CallFailed", "NotAttempted", "Plain", "World"]


class NotAttempted(Exception):
    """A name the check needs is missing or still holds its placeholder (``...`` or None)."""


class CallFailed(Exception):
    """The learner's function raised; the message is ``ErrorType: text`` of what it raised."""


class World(Protocol):
    """The learner's world, as a check sees it."""

    @property
    def lab(self) -> Lab:
        """The running lab. Raises `airlock.lab.LabDown` when it is not there."""

    @property
    def view(self) -> View:
        """This learner's own part of the lab: database, logins, personal values."""

    def value(self, name: str) -> Plain:
        """The value of a variable of the notebook, as plain data. Raises `NotAttempted`."""

    def call(self, name: str, *args: Plain) -> Plain:
        """Call a function of the notebook; bytes go and come as `airlock.checks.plain` writes them.

        Raises:
            NotAttempted, CallFailed
        """
