"""`lab.deployment`, the capstone's own part of `lab`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock.lab import View
from airlock.lesson.errors import guarded, lab_needed

if TYPE_CHECKING:
    from airlock.lesson.deployment import YourDeployment


class Capstone:
    """What the capstone uses."""

    @property
    def deployment(self) -> YourDeployment:
        """Your team's deployment: a dozen connections that somebody else has set up."""
        from airlock.lesson.deployment import YourDeployment

        with lab_needed():
            return guarded(YourDeployment(View.current()))
