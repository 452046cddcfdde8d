"""`me`: what a notebook may say about its learner. Looks the lab up at every use."""

from __future__ import annotations

from airlock.lab import LabDown, Login, View
from airlock.lesson.errors import lab_needed


class Me:
    """This learner: team, logins and personal values."""

    @property
    def view(self) -> View:
        """Everything the lab knows of this learner."""
        with lab_needed():
            return View.current()

    @property
    def team(self) -> str:
        """The team name that begins every shared name, e.g. ``kestrel7f3a``."""
        return self.view.prefix

    @property
    def shop(self) -> Login:
        """The shop application's login; its password has letters and digits only."""
        return self.view.shop

    @property
    def courier(self) -> Login:
        """The courier's login; its password holds every character that a URI gives a meaning to."""
        return self.view.courier

    def word(self, label: str) -> str:
        """A code word that belongs to this learner, e.g. ``osprey-41``."""
        return self.view.seed.word(label)

    def number(self, label: str, low: int, high: int) -> int:
        """A whole number that belongs to this learner, from ``low`` to ``high``."""
        return self.view.seed.number(label, low, high)

    def conn_id(self, name: str) -> str:
        """The id of a connection of this team: ``conn_id("shop")`` is ``<team>_shop``."""
        return f"{self.team}_{name}"

    def __repr__(self) -> str:
        try:
            view = self.view
        except LabDown as down:
            return str(down)
        return f"Team {view.prefix}: database {view.database}, logins {view.shop.user} and {view.courier.user}"


me = Me()
