"""The lab's own services, as properties of `lab`. Clients are imported when first used: a lesson's import is quick."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from airlock.lab import Lab, Login, View
from airlock.lesson.errors import guarded, lab_needed, told

if TYPE_CHECKING:
    from airlock.lab.airflow import AirflowClient, DagRun
    from airlock.lab.steady import Steady
    from airlock.lesson.at_rest import FernetKeys, Metadata
    from airlock.lesson.homes import Aws, Backend, Environment, Vault
    from airlock.lesson.in_transit import ExecutionApi


class Services:
    """What the lessons up to the fourth use."""

    @property
    def airflow(self) -> AirflowClient:
        """Airflow's REST API; following a DAG run prints each new state."""
        from airlock.lab.airflow import AirflowClient

        with lab_needed():
            return guarded(_following(AirflowClient)(Lab.current()))

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
