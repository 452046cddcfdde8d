"""A team's deployment, planted in the lab's own services from the team's seed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from psycopg import sql

from airlock.lab import backend, environment, metadata
from airlock.lab.airflow import AirflowClient
from airlock.lab.deployment import rules
from airlock.lab.deployment.generate import NAMES, SOCKET, STATUS, Deployment, generate
from airlock.lab.deployment.homes import DATABASE, ENVIRONMENT, SHARED, VAULT, Entry
from airlock.lab.deployment.place import folder_of, of
from airlock.lab.postgres import connect_admin
from airlock.lab.rules import ensure_login
from airlock.lab.vault import VaultClient, root
from airlock.lab.vault_team import administrator, mount
from airlock.lab.view import Login, View

ROLE, PAYROLL = "deployment", "payroll/march"
"""The AppRole of the tasks, and what else is on the team's mount: nothing of theirs."""

FIELDS = ("host", "port", "login", "password", "schema")


def conn_ids(view: View) -> list[str]:
    """The ids that connections of a deployment may have."""
    return [f"{view.prefix}_{name}" for name in (*NAMES["postgres"], *NAMES["http"], STATUS, SOCKET)]


def is_planted(view: View) -> bool:
    """Whether the team has a deployment."""
    return bool(rules.lines(view))


def plant(view: View) -> Deployment:
    """Put the team's deployment where it belongs, as it is at the beginning. What was repaired is broken again.

    Raises:
        LabDown: a service does not answer.
    """
    clear(view)
    made = generate(view.seed, of(view))
    for path, text in made.plain["files"].items():
        Path(path).write_bytes(text.encode())
    _log_in(view, made)
    _open_vault(view, made)
    for entry in made.plain["connections"]:
        _KEEP[entry["home"]](view, entry)
    return made


def clear(view: View) -> None:
    """Take away what a deployment has in the services, but for its logins: those go with the view."""
    vault, airflow, kv = VaultClient(view.lab), AirflowClient(view.lab), root(view.lab).secrets.kv.v2
    environment.change(view, {f"AIRFLOW_CONN_{conn_id.upper()}": None for conn_id in conn_ids(view)})
    backend.use(view, None, {})
    stored = {row["conn_id"] for row in metadata.rows(view)}
    for conn_id in conn_ids(view):
        vault.delete_connection(conn_id)
        kv.delete_metadata_and_all_versions(f"connections/{conn_id}", mount_point=mount(view))
        if conn_id in stored:
            airflow.request("DELETE", f"/api/v2/connections/{conn_id}")
    # Airflow's audit log of what it was told: a password written into a description once would be there for ever.
    with connect_admin(view.lab, view.lab.airflow.metadata_database) as session:
        session.execute("delete from log where extra like %s", [f"%{view.prefix}%"])
    for file in folder_of(view).glob("[!.]*"):  # the company's former authority stays what it was
        file.unlink()


def forget(view: View) -> None:
    """Remove the team's certificate files and rules, for good. Touches no service."""
    shutil.rmtree(folder_of(view), ignore_errors=True)


def _log_in(view: View, made: Deployment) -> None:
    logins = {entry["login"]: entry["password"] for entry in made.plain["connections"] if entry["password"]}
    server = view.lab.postgres
    with connect_admin(view.lab, view.database) as session:
        for user, password in logins.items():
            login = Login(server.host, server.port, view.database, user, password)
            ensure_login(session, login, "scram", [view.shop.user])
    rules.put(view, made.plain["pg_hba"], logins)


def _open_vault(view: View, made: Deployment) -> None:
    admin, role = administrator(view), f"{view.prefix}-{ROLE}"
    admin.sys.create_or_update_policy(role, made.plain["policy"])
    approle = admin.auth.approle
    approle.create_or_update_approle(role, token_policies=[role], token_ttl="20m")
    login = {
        "role_id": approle.read_role_id(role)["data"]["role_id"],
        "secret_id": approle.generate_secret_id(role)["data"]["secret_id"],
    }
    backend.use(view, "vault", made.plain["settings"]["secrets"]["backend_kwargs"] | login)
    secret = {"salaries": payroll(view)}
    admin.secrets.kv.v2.create_or_update_secret(PAYROLL, secret, mount_point=mount(view))


def payroll(view: View) -> str:
    """What is none of the tasks' business."""
    return view.seed.password("deployment/payroll", 40)


def _keep_in_environment(view: View, entry: Entry) -> None:
    environment.set_connection(view, entry["conn_id"], json.dumps(_named(entry)))


def _keep_in_database(view: View, entry: Entry) -> None:
    row = {"connection_id": entry["conn_id"], **_named(entry), "extra": json.dumps(entry["extra"])}
    clear = {"description": entry["description"], "host": entry["host"]}
    if entry["password"] and not entry["is_encrypted"]:
        columns = {name: value for name, value in row.items() if name != "connection_id"}
        metadata.store_in_clear(view, entry["conn_id"], **columns, description=entry["description"])
        return
    # The API keeps an audit log of what it is sent. What is in these two got there in another way, long ago.
    AirflowClient(view.lab).request("POST", "/api/v2/connections", row | {"host": "localhost"})
    columns = clear | {"is_extra_encrypted": entry["is_extra_encrypted"]}
    if not entry["is_extra_encrypted"]:
        columns["extra"] = json.dumps(entry["extra"])
    change = sql.SQL("update connection set {} where conn_id = {}").format(
        sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(k), sql.Literal(v)) for k, v in columns.items()),
        sql.Literal(entry["conn_id"]),
    )
    with connect_admin(view.lab, view.lab.airflow.metadata_database) as session:
        session.execute(change)


def _keep_in_vault(view: View, entry: Entry) -> None:
    where = mount(view) if entry["home"] == VAULT else view.lab.vault.mount
    root(view.lab).secrets.kv.v2.create_or_update_secret(
        f"connections/{entry['conn_id']}", _named(entry), mount_point=where
    )


_KEEP = {ENVIRONMENT: _keep_in_environment, DATABASE: _keep_in_database, VAULT: _keep_in_vault, SHARED: _keep_in_vault}


def _named(entry: Entry) -> dict[str, Any]:
    return {name: entry[name] for name in ("conn_type", *FIELDS, "extra")}
