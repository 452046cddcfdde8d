"""Which secrets backend a team's tasks ask first: two variables in the team's environment.

A task loads its team's environment before its first look-up, and Airflow builds the backend at that look-up. So a
change holds for every task that starts after it, and nothing has to be restarted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from airlock.lab import environment
from airlock.lab.view import View

BACKENDS = {
    "vault": "airflow.providers.hashicorp.secrets.vault.VaultBackend",
    "aws": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
}

_CLASS = "AIRFLOW__SECRETS__BACKEND"
_ARGUMENTS = "AIRFLOW__SECRETS__BACKEND_KWARGS"


def use(view: View, name: str | None, arguments: Mapping[str, Any]) -> None:
    """Give the team's tasks the backend ``name`` of `BACKENDS`; None goes back to the one in the lab's airflow.cfg.

    ``arguments`` are what Airflow passes to the backend's class, nothing added.

    Raises:
        ValueError: there is no such backend, or an argument cannot be written as JSON.
    """
    if name is None:
        environment.change(view, {_CLASS: None, _ARGUMENTS: None})
        return
    if name not in BACKENDS:
        raise ValueError(f"there is no backend {name!r}; there are {' and '.join(map(repr, BACKENDS))}, and None")
    try:
        written = json.dumps(arguments)
    except TypeError as error:
        raise ValueError(f"Airflow reads a backend's arguments from JSON, and this is not: {error}") from None
    environment.change(view, {_CLASS: BACKENDS[name], _ARGUMENTS: written})


def settings(view: View) -> dict[str, str]:
    """The two variables as the team's tasks have them; empty when they use the lab's own backend."""
    return {name: value for name, value in environment.variables(view).items() if name in {_CLASS, _ARGUMENTS}}
