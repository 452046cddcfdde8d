"""Lesson 4's incidents: six look-ups of a team that fail, each for a reason of its own, and what three witnesses saw.

All six are real and happen when they are asked for: Airflow's own VaultBackend asks the lab's OpenBao. Which letter is
which follows from the view's seed.
"""

from __future__ import annotations

import json
import logging
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from airlock.lab.audit import Entry, audit
from airlock.lab.clients import http_client
from airlock.lab.outage import sealed, stopped
from airlock.lab.vault_team import administrator, mount
from airlock.lab.view import View
from airlock.pki import Authority

LETTERS = "abcdef"
CAUSES = ("absent", "refused", "login", "untrusted", "down", "sealed")
"""Nothing of that name; the policy refuses; the login fails; its certificate is not trusted; nobody listens; sealed."""

_POLICY = 'path "{mount}/data/connections/*" {{ capabilities = ["read"] }}'
_LOGGER = "urllib3.connectionpool"


@dataclass(frozen=True)
class Incident:
    """What the three witnesses saw of one look-up.

    Attributes:
        log: the task's log at Airflow's default level.
        audit: the vault's answers to the team at that time, from its audit log.
        health: what a monitoring probe got from the vault's health check at that moment.
    """

    conn_id: str
    log: list[str]
    audit: list[Entry]
    health: str


def causes(view: View) -> dict[str, str]:
    """For each letter the cause: another order for every view."""
    order = sorted(CAUSES, key=lambda cause: view.seed.password(f"incident/{cause}"))
    return dict(zip(LETTERS, order, strict=True))


def happen(view: View | None = None) -> dict[str, Incident]:
    """Let all six happen: takes some seconds, in which OpenBao is sealed once, and stopped once, for everybody.

    ``view`` defaults to this process's own. Raises `LabDown` when OpenBao does not answer.
    """
    view = view or View.current()
    with _prepared(view) as arguments:
        return {letter: _happen(view, letter, arguments[cause], cause) for letter, cause in causes(view).items()}


def _happen(view: View, letter: str, arguments: Mapping[str, Any], cause: str) -> Incident:
    conn_id = f"{view.prefix}_report_{letter}"
    outage = {"sealed": sealed, "down": stopped}.get(cause)
    with outage(view.lab) if outage else nullcontext():
        began = time.time()
        log = _look_up(conn_id, arguments)
        health = _health(view)
    return Incident(conn_id, log, audit(view, began), health)


@contextmanager
def _prepared(view: View) -> Iterator[dict[str, dict[str, Any]]]:
    """The backend's arguments for each cause. One thing differs from the ones that work."""
    team, role = administrator(view), f"{view.prefix}-incidents"
    team.sys.create_or_update_policy(role, _POLICY.format(mount=mount(view)))
    approle = team.auth.approle
    approle.create_or_update_approle(role, token_policies=[role], token_ttl="5m")
    right = {
        **{"url": view.lab.vault.url, "verify": view.lab.ca_file, "mount_point": mount(view)},
        **{"connections_path": "connections", "auth_type": "approle"},
        "role_id": approle.read_role_id(role)["data"]["role_id"],
        "secret_id": approle.generate_secret_id(role)["data"]["secret_id"],
    }
    with tempfile.TemporaryDirectory() as folder:
        strangers = Path(folder) / "other-ca.pem"
        strangers.write_bytes(Authority.root("Some other authority").identity.certificate_pem)
        yield {
            "absent": right,
            "refused": right | {"connections_path": "reports"},
            "login": right | {"secret_id": secrets.token_hex(16)},
            "untrusted": right | {"verify": str(strangers)},
            "down": right,
            "sealed": right,
        }
    approle.delete_role(role)
    team.sys.delete_policy(role)


def _look_up(conn_id: str, arguments: Mapping[str, Any]) -> list[str]:
    """What a task's log says of a look-up with a backend that gives nothing."""
    from airflow.providers.hashicorp.secrets.vault import VaultBackend

    # Airflow passes over whatever a backend raises, too, with a line at level DEBUG.
    with _warnings() as log, suppress(Exception):
        VaultBackend(**arguments).get_connection(conn_id)
    return [*log, f"AirflowNotFoundException: The conn_id `{conn_id}` isn't defined"]


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collects what is logged on the way, instead of printing it."""
    lines: list[str] = []
    logger = logging.getLogger(_LOGGER)
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(f"WARNING - {record.getMessage()}")  # type: ignore[method-assign]
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


def _health(view: View) -> str:
    try:
        with http_client(view.lab.ca_file, timeout=5) as client:
            answer = client.get(f"{view.lab.vault.url}/v1/sys/health")
    except httpx.TransportError as error:
        return f"no answer: {error}"
    state = json.loads(answer.text)
    return f"HTTP {answer.status_code}, initialized: {state['initialized']}, sealed: {state['sealed']}"
