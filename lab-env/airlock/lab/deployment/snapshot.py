"""A team's deployment as it is now: read back from the running services, in the form in which it was made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hvac.exceptions

from airlock.lab import backend, environment, metadata
from airlock.lab.airflow import AirflowClient
from airlock.lab.deployment import rules
from airlock.lab.deployment.homes import DATABASE, ENVIRONMENT, SHARED, VAULT, Entry
from airlock.lab.deployment.place import of
from airlock.lab.deployment.planted import FIELDS, ROLE, conn_ids
from airlock.lab.vault import root
from airlock.lab.vault_team import mount
from airlock.lab.view import View

_LONGEST = 1_000_000  # bytes of a certificate file
_RULE = re.compile(r'path\s+"([^"]+)"\s*\{\s*capabilities\s*=\s*\[([^\]]*)\]\s*\}')


def snapshot(view: View) -> dict[str, Any]:
    """The deployment as it is now, as plain data, in the form of `Deployment.plain`.

    Raises:
        LabDown: a service does not answer.
    """
    place = of(view)
    entries = [*_in_environment(view), *_in_database(view), *_in_vault(view, VAULT), *_in_vault(view, SHARED)]
    secrets = _secrets(view)
    arguments = secrets.get("backend_kwargs", {})
    named = [value for entry in entries for value in _texts(entry["extra"])] + list(_texts(arguments))
    return {
        "team": view.prefix,
        "connections": entries,
        "files": {path: text for path in dict.fromkeys(named) if (text := _certificates(path))},
        "authorities": [place.authority, place.former],
        "pg_hba": rules.lines(view),
        "settings": {"secrets": {**secrets, "backend_kwargs": {k: v for k, v in arguments.items() if "_id" not in k}}},
        "policy": _policy(view),
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two deployments say the same; files that nothing names do not count."""
    return _ordered(one) == _ordered(other)


def _ordered(plain: dict[str, Any]) -> dict[str, Any]:
    entries = sorted(plain["connections"], key=lambda entry: (entry["conn_id"], entry["home"]))
    named = {text for entry in entries for text in _texts(entry["extra"])}
    files = {path: text for path, text in plain["files"].items() if path in named}
    return {**plain, "connections": entries, "files": files}


def _in_environment(view: View) -> Iterator[Entry]:
    found = environment.connections(view)
    for conn_id in conn_ids(view):
        if conn_id.upper() in found:
            yield _entry(conn_id, ENVIRONMENT, _read(conn_id, found[conn_id.upper()]))


def _in_database(view: View) -> Iterator[Entry]:
    airflow = AirflowClient(view.lab)
    for row in metadata.rows(view):
        if row["conn_id"] in conn_ids(view):
            kept = {name: row[name] for name in ("is_encrypted", "is_extra_encrypted")}
            opened = airflow.stored_connection(row["conn_id"]) or row
            yield _entry(row["conn_id"], DATABASE, opened) | {"description": row["description"] or "", **kept}


def _in_vault(view: View, home: str) -> Iterator[Entry]:
    kv, where = root(view.lab).secrets.kv.v2, mount(view) if home == VAULT else view.lab.vault.mount
    try:
        known = set(kv.list_secrets("connections", mount_point=where)["data"]["keys"])
    except hvac.exceptions.InvalidPath:
        return
    for conn_id in conn_ids(view):
        if conn_id in known:
            path = f"connections/{conn_id}"
            try:
                answer = kv.read_secret_version(path, mount_point=where, raise_on_deleted_version=True)
            except hvac.exceptions.InvalidPath:
                continue
            fields = answer["data"]["data"]
            yield _entry(conn_id, home, _read(conn_id, fields["conn_uri"]) if "conn_uri" in fields else fields)


def _read(conn_id: str, value: str) -> dict[str, Any]:
    """The fields of a connection that is written as a URI or as JSON; nothing of one that is neither."""
    try:
        if value.lstrip().startswith("{"):
            return dict(json.loads(value))
        from airflow.sdk import Connection

        made = Connection.from_uri(value, conn_id=conn_id)
        return {name: getattr(made, name) for name in ("conn_type", *FIELDS, "extra")}
    except Exception:  # whatever Airflow says of a malformed one: it is none
        return {}


def _entry(conn_id: str, home: str, fields: dict[str, Any]) -> Entry:
    extra = fields.get("extra") or {}
    if isinstance(extra, str):
        try:
            extra = json.loads(extra)
        except ValueError:
            extra = {}
    texts = {name: fields.get(name) or "" for name in ("conn_type", "host", "login", "password", "schema")}
    port = fields.get("port")
    return {"conn_id": conn_id, "home": home, **texts, "port": int(port) if port else None, "extra": dict(extra)}


def _secrets(view: View) -> dict[str, Any]:
    settings = backend.settings(view)
    if not settings:
        return {}
    return {
        "backend": settings["AIRFLOW__SECRETS__BACKEND"],
        "backend_kwargs": json.loads(settings["AIRFLOW__SECRETS__BACKEND_KWARGS"]),
    }


def _policy(view: View) -> dict[str, Any]:
    """The policy of the tasks' role; one that is written in HCL is turned into the same form."""
    try:
        text = root(view.lab).sys.read_policy(f"{view.prefix}-{ROLE}")["data"]["rules"]
    except hvac.exceptions.InvalidPath:
        return {"path": {}}
    try:
        return dict(json.loads(text))
    except ValueError:
        found = _RULE.findall(text)
        return {"path": {path: {"capabilities": re.findall(r'"(\w+)"', can)} for path, can in found}}


def _texts(value: Any) -> Iterator[str]:
    """Every text in an extra that may be a path."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)


def _certificates(path: str) -> str:
    """The text of a file of certificates; nothing when it is none."""
    file = Path(path)
    try:
        if not file.is_absolute() or not file.is_file() or file.stat().st_size > _LONGEST:
            return ""
        text = file.read_bytes().decode()
    except (OSError, ValueError):
        return ""
    return text if "BEGIN CERTIFICATE" in text else ""
