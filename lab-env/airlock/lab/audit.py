"""A team's lines of OpenBao's audit log: who asked for what, and what the server answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import hvac.exceptions

from airlock.lab.description import Lab
from airlock.lab.vault import root
from airlock.lab.view import View

_DEVICE = "lab"  # as lab-env/vault/openbao.hcl names it


@dataclass(frozen=True)
class Entry:
    """One answer of the server.

    Attributes:
        time: when, in seconds since 1970.
        operation: ``read``, ``update``, ``delete``, ``list`` …
        path: what was asked for, e.g. ``<mount>/data/connections/<conn_id>``.
        role: the AppRole that asked, or None for any other way to log in.
        policies: what the asker's token may do; empty before a login.
        found: for a read, whether there was anything to read.
        error: the server's refusal, or None.
    """

    time: float
    operation: str
    path: str
    role: str | None
    policies: tuple[str, ...]
    found: bool
    error: str | None


def audit(view: View, since: float = 0.0) -> list[Entry]:
    """Answers to the team, and to anybody who asked for what is the team's, oldest first.

    A login says no name, only the hash of a role id: it is the team's when one of the team's AppRoles has that id.

    Args:
        since: seconds since 1970; earlier entries are left out.

    Raises:
        LabDown: OpenBao does not answer or is sealed.
    """
    return _entries(view.lab, (view.prefix, *_hashed_role_ids(view)), since)


def refused(lab: Lab, team: str, since: float = 0.0) -> list[Entry]:
    """What somebody with a token was denied (HTTP 403) of what is the team's, or the team of what is others'."""
    return [entry for entry in _entries(lab, (team,), since) if entry.error and "permission denied" in entry.error]


def _entries(lab: Lab, marks: tuple[str, ...], since: float) -> list[Entry]:
    with Path(lab.vault.audit_log).open() as log:
        mine = (json.loads(line) for line in log if any(mark in line for mark in marks))
        return [entry for entry in _answers(mine) if entry.time >= since]


def _hashed_role_ids(view: View) -> list[str]:
    server = root(view.lab)
    try:
        roles = server.auth.approle.list_roles()["data"]["keys"]
    except hvac.exceptions.InvalidPath:
        return []
    mine = [role for role in roles if role.startswith(f"{view.prefix}-")]
    ids = [server.auth.approle.read_role_id(role)["data"]["role_id"] for role in mine]
    return [server.sys.calculate_hash(_DEVICE, role_id)["data"]["hash"] for role_id in ids]


def _answers(lines: Iterator[dict[str, Any]]) -> Iterator[Entry]:
    for line in lines:
        request, auth = line["request"], line.get("auth") or {}
        if line["type"] == "response" and "root" not in auth.get("policies", ()):
            yield Entry(
                time=datetime.fromisoformat(line["time"][:26].rstrip("Z") + "+00:00").timestamp(),
                operation=request["operation"],
                path=request["path"],
                role=(auth.get("metadata") or {}).get("role_name"),
                policies=tuple(auth.get("policies") or ()),
                found="data" in (line.get("response") or {}) and not line.get("error"),
                error=" ".join(line["error"].split()) if line.get("error") else None,
            )
