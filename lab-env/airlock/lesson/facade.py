"""`me` and `lab`: what a notebook may say about the learner and about the running lab.

Both look the lab up at every use, so they stay right across `airlock down` and `up`, and a lab that is not there
is told in one line. The clients are imported when first used: importing a lesson stays quick.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from airlock.lab import Lab, LabDown, Login, View
from airlock.lesson.errors import guarded, lab_needed, told

if TYPE_CHECKING:
    from airlock.lab.airflow import AirflowClient, DagRun
    from airlock.lab.steady import Steady
    from airlock.lesson.at_rest import FernetKeys, Metadata
    from airlock.lesson.homes import Aws, Backend, Environment, Vault
    from airlock.lesson.in_transit import ExecutionApi


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
    def ca_file(self) -> str:
        """The certificate authority that every service of the lab is to be verified by, as a PEM file."""
        return _lab().ca_file

    @property
    def airflow(self) -> AirflowClient:
        """Airflow's REST API; following a DAG run prints each new state."""
        from airlock.lab.airflow import AirflowClient

        return guarded(_following(AirflowClient)(_lab()))

    @property
    def vault(self) -> Vault:
        """OpenBao: the connections that Airflow's own backend finds, and your team's mount with its administrator."""
        from airlock.lesson.homes import Vault

        with lab_needed():
            return guarded(Vault(View.current()))

    @property
    def aws(self) -> Aws:
        """AWS Secrets Manager, through its API."""
        from airlock.lesson.homes import Aws

        with lab_needed():
            return guarded(Aws(View.current()))

    @property
    def backend(self) -> Backend:
        """The secrets backend that your team's tasks ask first."""
        from airlock.lesson.homes import Backend

        with lab_needed():
            return guarded(Backend(View.current()))

    @property
    def metadata(self) -> Metadata:
        """Airflow's table of connections, as somebody reads it who got hold of the database."""
        from airlock.lesson.at_rest import Metadata

        with lab_needed():
            return guarded(Metadata(View.current()))

    @property
    def fernet(self) -> FernetKeys:
        """The keys with which the running Airflow encrypts what it stores."""
        from airlock.lesson.at_rest import FernetKeys

        with lab_needed():
            return guarded(FernetKeys(View.current()))

    @property
    def execution_api(self) -> ExecutionApi:
        """The link on which a worker fetches its task's connections from Airflow."""
        from airlock.lesson.in_transit import ExecutionApi

        with lab_needed():
            return guarded(ExecutionApi(View.current()))

    def steady(self, conn_id: str) -> AbstractContextManager[Steady]:
        """``with lab.steady(conn_id) as seen:`` a task looks the connection up all the time the block takes.

        After the block ``seen.good`` and ``seen.failed`` say what came of it.
        """
        from airlock.lab.steady import steady

        with lab_needed():
            return told(steady(View.current(), conn_id))

    @property
    def environment(self) -> Environment:
        """The environment of your team's tasks in the running Airflow."""
        from airlock.lesson.homes import Environment

        with lab_needed():
            return guarded(Environment(View.current()))

    @property
    def postgres(self) -> Postgres:
        """Sessions with the shop's database."""
        return Postgres()

    def __repr__(self) -> str:
        return "The lab: lab.status() shows its services, lab.reset() puts your part of it back."


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


me = Me()
lab = LabFacade()
