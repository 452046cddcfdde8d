"""Lesson 4's move: a connection of a team with copies in several homes, of which tasks use one.

Tasks find the current copy in their environment. Older ones lie in the metadata database and on the mount that all
teams share: the leftovers of two moves that were never finished.
"""

from __future__ import annotations

import json
from typing import Any

import hvac.exceptions

from airlock.lab import aws, environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.vault import VaultClient, root
from airlock.lab.vault_team import mount
from airlock.lab.view import View

NAMES = ("orders", "mail")
"""``orders`` is the shop's database, as the application's login; ``mail`` a server for letters."""


def conn_id(view: View, name: str) -> str:
    """The Airflow id of one of `NAMES`."""
    return f"{view.prefix}_{name}"


def fields(view: View, name: str) -> dict[str, Any]:
    """The connection as it is today, in Airflow's JSON form; ``extra`` is an object."""
    if name == "orders":
        login = view.shop
        described = {"conn_type": "postgres", "host": login.host, "port": login.port, "schema": login.database}
        return described | {"login": login.user, "password": login.password, "extra": {"sslmode": "require"}}
    word = view.seed.password("mail", 14)
    return {"conn_type": "smtp", "host": "mail.internal", "port": 465, "login": "robot", "password": word, "extra": {}}


def plant(name: str, view: View | None = None) -> str:
    """Put the copies where they are at the beginning, take what was moved back, and return the id. Idempotent.

    ``view`` defaults to this process's own. Raises `LabDown` when a service does not answer.
    """
    view = view or View.current()
    vault, airflow, found = VaultClient(view.lab), AirflowClient(view.lab), conn_id(view, name)
    _take_back(view, found)
    environment.set_connection(view, found, json.dumps(fields(view, name)))
    today = fields(view, name)
    old = today | {"host": f"old.{today['host']}", "password": view.seed.password(f"{name}/last year")}
    airflow.request("DELETE", f"/api/v2/connections/{found}")
    airflow.request("POST", "/api/v2/connections", {"connection_id": found, **old, "extra": json.dumps(old["extra"])})
    vault.put_connection(found, old | {"extra": json.dumps(old["extra"])})
    return found


def copies(view: View, name: str) -> dict[str, str]:
    """Where a copy is now, outside the home it is to move to: home to a few words about what was found there."""
    found = conn_id(view, name)
    held = {}
    if found.upper() in environment.connections(view):
        held["environment"] = "the environment of your tasks"
    if not AirflowClient(view.lab).request("GET", f"/api/v2/connections/{found}").is_error:
        held["database"] = "the metadata database"
    if versions := _versions(view, f"connections/{found}"):
        held["deleted" if all(versions) else "mount"] = f"the mount `{view.lab.vault.mount}`, which all teams share"
    return held


def _take_back(view: View, found: str) -> None:
    root(view.lab).secrets.kv.v2.delete_metadata_and_all_versions(f"connections/{found}", mount_point=mount(view))
    secrets_manager = aws.client(view)
    for secret in secrets_manager.list_secrets(MaxResults=100)["SecretList"]:
        if found in secret["Name"]:
            secrets_manager.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)


def _versions(view: View, path: str) -> list[bool]:
    """For each version on the shared mount that could still be read: whether somebody has marked it as deleted."""
    kv = root(view.lab).secrets.kv.v2
    try:
        known = kv.read_secret_metadata(path, mount_point=view.lab.vault.mount)["data"]["versions"].values()
    except hvac.exceptions.InvalidPath:
        return []
    return [bool(version["deletion_time"]) for version in known if not version["destroyed"]]
