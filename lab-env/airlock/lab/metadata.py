"""What Airflow stores: rows of the metadata database's table `connection`, exactly as they are."""

from __future__ import annotations

from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from airlock.lab.description import Lab
from airlock.lab.postgres import connect_admin
from airlock.lab.view import View

Row = dict[str, Any]


def row(lab: Lab, conn_id: str) -> Row | None:
    """One connection's row, column by column, or None. Secrets are as stored: encrypted, or not.

    Raises:
        LabDown: PostgreSQL does not answer.
    """
    return next(iter(_select(lab, sql.SQL("conn_id = {}").format(sql.Literal(conn_id)))), None)


def rows(view: View) -> list[Row]:
    """The team's rows, oldest first. Raises `LabDown` as `row` does."""
    return _select(view.lab, sql.SQL("conn_id like {}").format(sql.Literal(f"{view.prefix}\\_%")))


def encrypted_values(lab: Lab) -> list[tuple[str, str]]:
    """Every encrypted value that the database holds for any team, as ``(name of the row, Fernet token)``."""
    query = """
        select conn_id, password from connection where is_encrypted and password <> ''
        union all select conn_id, extra from connection where is_extra_encrypted and extra <> ''
        union all select key, val from variable where is_encrypted and val <> ''
    """
    with connect_admin(lab, lab.airflow.metadata_database) as session:
        return [(str(name), str(token)) for name, token in session.execute(query).fetchall()]


def store_in_clear(view: View, conn_id: str, **fields: str | int | None) -> None:
    """Store a connection as an Airflow does whose `fernet_key` is empty. ``fields`` are columns; replaces a row.

    Written by hand because that Airflow takes seconds to say it; tests/lab/test_at_rest.py asks it for the same row.

    Raises:
        ValueError: the id is not one of the team's.
        LabDown: PostgreSQL does not answer.
    """
    if not conn_id.startswith(f"{view.prefix}_"):
        raise ValueError(f"ids of your team begin with {view.prefix}_, and this is {conn_id!r}")
    columns = {"is_encrypted": False, "is_extra_encrypted": False} | fields | {"conn_id": conn_id}
    insert = sql.SQL("insert into connection ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(map(sql.Literal, columns.values()))
    )
    with connect_admin(view.lab, view.lab.airflow.metadata_database) as session, session.transaction():
        session.execute("delete from connection where conn_id = %s", [conn_id])
        session.execute(insert)


def _select(lab: Lab, condition: sql.Composed) -> list[Row]:
    query = sql.SQL("select * from connection where {} order by id").format(condition)
    with connect_admin(lab, lab.airflow.metadata_database) as session:
        return session.cursor(row_factory=dict_row).execute(query).fetchall()
