"""One learner's part of the lab.

Several learners (or submissions being graded) share one lab without meeting: each has a database of their own,
logins of their own, and a team name that prefixes every shared name, such as a connection id in Airflow.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from airlock import paths
from airlock.lab.description import Lab
from airlock.lab.seed import Seed
from airlock.lab.sitting import Sitting


@dataclass(frozen=True)
class Login:
    """Everything needed to log in to the shop's database. ``repr`` never shows the password."""

    host: str
    port: int
    database: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user}@{self.host}:{self.port}/{self.database}, password hidden)"


@dataclass(frozen=True)
class View:
    """What belongs to the learner with this seed. Pure: `airlock.lab.provision` makes it real in the services."""

    lab: Lab
    seed: Seed

    @classmethod
    def current(cls, lab: Lab | None = None) -> View:
        """The view of this process: that of ``AIRLOCK_SEED`` (grading), of the exam whose folder it works in, else
        of this machine's learner."""
        lab = lab or Lab.current()
        given = os.environ.get("AIRLOCK_SEED")
        if given:
            return cls(lab, Seed(given))
        exam = Sitting.here()
        return cls(lab, exam.seed if exam else learner_seed())

    @property
    def prefix(self) -> str:
        """The team name, e.g. ``kestrel7f3a``."""
        return self.seed.prefix

    @property
    def database(self) -> str:
        """The name of this learner's copy of the shop."""
        return f"shop_{self.prefix}"

    @property
    def shop(self) -> Login:
        """The application's login, with a plain password."""
        return self._login("app", self.seed.password("shop"))

    @property
    def courier(self) -> Login:
        """The courier service's login, whose password holds every character a URI gives a meaning to."""
        return self._login("courier", self.seed.awkward_password("courier"))

    def _login(self, role: str, password: str) -> Login:
        server = self.lab.postgres
        return Login(server.host, server.port, self.database, f"{role}_{self.prefix}", password)


def shop_of(user: str) -> str:
    """The name of the shop's database that a login belongs to: logins of a team end in ``_<team>``."""
    return f"shop_{user.rpartition('_')[2]}"


def learner_seed(state: Path | None = None) -> Seed:
    """The seed of this machine's learner, made at first need and kept in ``learner.json`` (mode 0600)."""
    file = (state or paths.state_dir()) / "learner.json"
    try:
        return Seed(json.loads(file.read_text())["seed"])
    except FileNotFoundError:
        seed = Seed.random()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump({"seed": seed.hex}, stream)
        return seed
