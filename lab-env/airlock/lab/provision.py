"""Make a view real in the services, and take it away again.

Everything a view owns is found by its prefix, so that nothing of one learner is left behind and nothing of another
is touched.
"""

from __future__ import annotations

from psycopg import sql

from airlock.lab import alerts, aws, environment, pki_engine, steady, vault_team, warehouse
from airlock.lab.airflow import AirflowClient
from airlock.lab.deployment import planted as deployment
from airlock.lab.postgres import Session, connect_admin
from airlock.lab.shop import TEMPLATE, add_personal_orders
from airlock.lab.vault import VaultClient
from airlock.lab.view import Login, View


def open_view(view: View) -> None:
    """Give the learner a database, logins, and a part of OpenBao. Keeps what is there already."""
    with connect_admin(view.lab, "postgres") as session:
        # Two commands may start the lab at once; the lock goes with the session.
        session.execute("select pg_advisory_lock(hashtext(%s))", [view.database])
        vault_team.open_team(view)
        for login in (view.shop, view.courier):
            _ensure_role(session, login)
        if _exists(session, "pg_database", "datname", view.database):
            return
        session.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(view.database), sql.Identifier(TEMPLATE))
        )
        with connect_admin(view.lab, view.database) as inside:
            add_personal_orders(inside, view.seed)
            _grant(inside, view)


def close_view(view: View) -> None:
    """Remove everything the view owns, in every service."""
    with connect_admin(view.lab, "postgres") as session:
        session.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(view.database)))
        for role in _roles(session, view):
            session.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))
    warehouse.remove(view)
    environment.clear(view)
    steady.forget(view)
    deployment.forget(view)
    vault = VaultClient(view.lab)
    for conn_id in vault.connection_ids():
        if conn_id.startswith(view.prefix):
            vault.delete_connection(conn_id)
    vault_team.close_team(view)
    pki_engine.close(view)
    alerts.clear(view)
    aws.clear(view)
    _clear_airflow(view)


def reset_view(view: View) -> None:
    """Put the learner's world back to how it was at the beginning."""
    close_view(view)
    open_view(view)


def _ensure_role(session: Session, login: Login) -> None:
    verb = "alter" if _exists(session, "pg_roles", "rolname", login.user) else "create"
    session.execute(
        sql.SQL("{} role {} login password {}").format(
            sql.SQL(verb), sql.Identifier(login.user), sql.Literal(login.password)
        )
    )


def _roles(session: Session, view: View) -> list[str]:
    """Every login of this team: the two of `open_view`, and those that a lesson has made."""
    query = "select rolname from pg_roles where right(rolname, length(%(end)s)) = %(end)s"
    return [str(name) for (name,) in session.execute(query, {"end": f"_{view.prefix}"}).fetchall()]


def _exists(session: Session, table: str, column: str, name: str) -> bool:
    query = sql.SQL("select 1 from {} where {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    return session.execute(query, [name]).fetchone() is not None


def _grant(session: Session, view: View) -> None:
    app, courier = sql.Identifier(view.shop.user), sql.Identifier(view.courier.user)
    for statement in (
        "grant usage on schema public to {app}, {courier}",
        "grant select on products, orders to {app}, {courier}",
        "grant select, insert on reports to {app}",
    ):
        session.execute(sql.SQL(statement).format(app=app, courier=courier))
    database = sql.Identifier(view.database)
    session.execute(sql.SQL("revoke connect on database {} from public").format(database))
    session.execute(sql.SQL("grant connect on database {} to {}, {}").format(database, app, courier))


def _clear_airflow(view: View) -> None:
    airflow = AirflowClient(view.lab)
    listed = airflow.request("GET", f"/api/v2/connections?limit=100&connection_id_pattern={view.prefix}%25").json()
    for connection in listed.get("connections", []):
        conn_id = connection["connection_id"]
        if conn_id.startswith(view.prefix):
            airflow.request("DELETE", f"/api/v2/connections/{conn_id}")
    for run in airflow.team_runs(view.prefix):
        airflow.request("DELETE", f"/api/v2/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}")
