"""Judge of lesson 4's exercise about a vault that answers with the wrong copy."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airlock.checks.exercises import exercise
from airlock.checks.lesson4_homes import reading
from airlock.checks.report import Report, failed, passed
from airlock.lab import View
from airlock.lab.vault import mount_kv, root


@exercise("lesson-4/shadowing-backend")
def shadowing_backend(folder: Path, view: View) -> Report:
    """VaultBackend with these arguments finds what is stored for orders, and the shared ones where they are shared."""
    arguments, stored = _json(folder / "backend.json"), _json(folder / "vault.json")
    if isinstance(arguments, Report):
        return arguments
    if isinstance(stored, Report):
        return stored
    moved = {path: f"{path.rsplit('/', 1)[-1]}-{secrets.token_hex(3)}.internal" for path in _HOMES}
    with _mounted(view, stored) as (mount, kv):
        given = {"url": view.lab.vault.url, "verify": view.lab.ca_file, "auth_type": "token"}
        given |= {"token": root(view.lab).token, "mount_point": mount}
        first = {path: _found(arguments | given, path.rsplit("/", 1)[-1]) for path in _HOMES}
        for path in _HOMES:
            if path in stored:  # the next move: written where its home is, nowhere else
                kv.create_or_update_secret(path, {"conn_type": "generic", "host": moved[path]}, mount_point=mount)
        found = {path: _found(arguments | given, path.rsplit("/", 1)[-1]) for path in _HOMES}
    for path, host in found.items():
        if host != moved[path]:
            return _shadowed(path, host, first[path], path in stored)
    return passed(
        "The ledger and the shop came from orders, the archive from what is shared, each with the host that was "
        "written "
        "there a moment ago.",
        "One connection, one home, also within the vault.",
    )


_HOMES = ("connections/orders/ledger", "connections/orders/shop", "connections/common/archive")


def _shadowed(path: str, host: str | None, before: str | None, stored: bool) -> Report:
    name = path.rsplit("/", 1)[-1]
    if not stored:
        return failed(
            f"`vault.json` has no `{path}` any more; a task gets {f'`{host}`' if host else 'nothing'} for `{name}`.",
            "That was its home: what is corrected there next time reaches nobody.",
            "Two copies are one too many. Which of them does nobody else need, and is out of date?",
            "home-removed",
        )
    if host is None:
        return failed(
            f"A task that looks `{name}` up gets nothing from the vault.",
            "Airflow asks the next home then, in silence, and finds an old copy or none.",
            "`connections_path` names every folder in which a connection may be.",
            "not-found",
        )
    if host == "ledger-old.internal":
        return failed(
            f"A task that looks `{name}` up gets `{host}`, which is stored in `connections/common`.",
            "`connections_path` is a list. The first folder that has an entry of this name answers, and no other is "
            "asked.",
            "Which folder is asked first, and which should be?",
            "common-first",
        )
    return failed(
        f"`{name}` was moved where its home is, and a task still gets `{host}`"
        f"{', as before' if before == host else ''}.",
        "There is a second copy. It was right until a moment ago.",
        f"Where, besides `{path}`, is there an entry of this name?",
        "second-copy",
    )


@contextmanager
def _mounted(view: View, stored: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """A KV v2 mount of its own that holds ``stored``: path to fields."""
    server, mount = root(view.lab), f"{view.prefix}-practice-{secrets.token_hex(3)}"
    mount_kv(server, mount)
    try:
        for path, fields in stored.items():
            server.secrets.kv.v2.create_or_update_secret(path, fields, mount_point=mount)
        yield mount, server.secrets.kv.v2
    finally:
        server.sys.disable_secrets_engine(mount)


def _found(arguments: dict[str, Any], conn_id: str) -> str | None:
    """The host that Airflow's VaultBackend gives; None for nothing, and for an error, as Airflow takes it."""
    answer = reading("vault", arguments, conn_id)
    return None if answer is None or isinstance(answer, Exception) else str(answer.host)


def _json(file: Path) -> dict[str, Any] | Report:
    try:
        read = json.loads(file.read_text())
    except ValueError as error:
        read = str(error)
    if isinstance(read, dict):
        return read
    return failed(
        f"`{file.name}` is no JSON object{f': {read}' if isinstance(read, str) else ''}.",
        "Airflow does not start its backend with it.",
        "Double quotes, commas between the entries and none after the last.",
        "no-json",
    )
