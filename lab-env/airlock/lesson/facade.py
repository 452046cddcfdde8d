"""`me` and `lab`: what a notebook may say about the learner and about the running lab.

Both look the lab up at every use, so they stay right across `airlock down` and `up`, and a lab that is not there
is told in one line. The clients are imported when first used: importing a lesson stays quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from airlock.lab import Lab, LabDown, Login, View
from airlock.lesson.errors import LessonError, lab_needed

if TYPE_CHECKING:
    from airlock.lab.airflow import AirflowClient, DagRun
    from airlock.lab.vault import VaultClient

P = ParamSpec("P")
R = TypeVar("R")


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


class LabFacade:
    """The running lab, as a lesson uses it."""

    def status(self) -> None:
        """Show every service and whether it answers."""
        from airlock.lesson.status import show_status

        show_status()

    def reset(self) -> None:
        """Put your part of the lab back to how it was at the beginning. Your notebooks and answers stay."""
        from airlock.lab.provision import reset_view

        with lab_needed():
            view = View.current()
            reset_view(view)
        print(f"Team {view.prefix}: the database, connections and DAG runs are back to the beginning.")

    @property
    def airflow(self) -> AirflowClient:
        """Airflow's REST API; following a DAG run prints each new state."""
        from airlock.lab.airflow import AirflowClient

        return _guarded(_following(AirflowClient)(_lab()))

    @property
    def vault(self) -> VaultClient:
        """The connections in OpenBao, where Airflow's secrets backend looks for them."""
        from airlock.lab.vault import VaultClient

        return _guarded(VaultClient(_lab()))

    @property
    def environment(self) -> Environment:
        """The environment of your team's tasks in the running Airflow."""
        return Environment()

    @property
    def postgres(self) -> Postgres:
        """Sessions with the shop's database."""
        return Postgres()

    def __repr__(self) -> str:
        return "The lab: lab.status() shows its services, lab.reset() puts your part of it back."


class Environment:
    """``AIRFLOW_CONN_…`` variables of your team's tasks, as an EnvironmentFile or a pod spec would set them."""

    def set(self, conn_id: str, value: str) -> None:
        """Give your team's tasks a connection, as a URI or as JSON on one line."""
        from airlock.lab import environment

        with lab_needed():
            try:
                environment.set_connection(View.current(), conn_id, value)
            except ValueError as error:
                raise LessonError(f"Not set: {error}.") from None

    def unset(self, conn_id: str) -> None:
        """Take a connection out again. Harmless when there is none."""
        from airlock.lab import environment

        with lab_needed():
            environment.unset_connection(View.current(), conn_id)

    def connections(self) -> dict[str, str]:
        """What is set: upper-case id to value."""
        from airlock.lab import environment

        with lab_needed():
            return environment.connections(View.current())


class Postgres:
    """The shop's database, reached over verified TLS unless told otherwise."""

    def connect(self, login: Login | None = None, **libpq: Any) -> Any:
        """A psycopg session as ``login`` (yours when left out); further options are libpq's, e.g. ``sslmode``."""
        from airlock.lab import postgres

        with lab_needed():
            return postgres.connect(login or View.current().shop, **libpq)

    def query(self, sql: str, login: Login | None = None) -> list[tuple[Any, ...]]:
        """The rows of one query; an empty list for a statement that returns none."""
        with self.connect(login) as session:
            cursor = session.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []


def _lab() -> Lab:
    with lab_needed():
        return Lab.current()


def _following(client: type[AirflowClient]) -> type[AirflowClient]:
    class Following(client):  # type: ignore[misc,valid-type]
        """Airflow's API, telling the states of a DAG run as they come."""

        def run_dag(
            self,
            dag_id: str,
            conf: dict[str, Any] | None = None,
            timeout: float = 90.0,
            on_state: Callable[[str, float], None] | None = None,
        ) -> DagRun:
            tell = on_state or (lambda state, seconds: print(f"{dag_id}: {state} after {seconds:.1f} s"))
            run: DagRun = super().run_dag(dag_id, conf, timeout, tell)
            return run

    return Following


def _guarded(client: R) -> R:
    # Wraps the client's public methods on the instance, so that isinstance and signatures stay what they are.
    for name in dir(type(client)):
        method = getattr(type(client), name)
        if not name.startswith("_") and callable(method):
            setattr(client, name, _one_line(getattr(client, name)))
    return client


def _one_line(method: Callable[P, R]) -> Callable[P, R]:
    @wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with _told():
            return method(*args, **kwargs)

    return guarded


@contextmanager
def _told() -> Iterator[None]:
    from airlock.lab.airflow import AirflowRefused

    with lab_needed():
        try:
            yield
        except AirflowRefused as refused:
            raise LessonError(f"Airflow refused: {refused}") from None


me = Me()
lab = LabFacade()
