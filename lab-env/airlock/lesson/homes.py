"""Where connections live, as a lesson uses it: the tasks' environment, and the secrets backends they may ask."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import hvac

from airlock.lab import View, aws, backend, environment, outage, vault_team
from airlock.lab.audit import Entry, audit
from airlock.lab.vault import VaultClient
from airlock.lesson.errors import lab_needed, told


class Environment:
    """``AIRFLOW_CONN_…`` variables of your team's tasks, as an EnvironmentFile or a pod spec would set them."""

    def __init__(self, view: View) -> None:
        self._view = view

    def set(self, conn_id: str, value: str) -> None:
        """Give your team's tasks a connection, as a URI or as JSON on one line."""
        environment.set_connection(self._view, conn_id, value)

    def unset(self, conn_id: str) -> None:
        """Take a connection out again. Harmless when there is none."""
        environment.unset_connection(self._view, conn_id)

    def connections(self) -> dict[str, str]:
        """What is set: upper-case id to value."""
        return environment.connections(self._view)


class Backend:
    """The secrets backend that your team's tasks ask first, before their environment and before Airflow's API."""

    def __init__(self, view: View) -> None:
        self._view = view

    def use(self, name: str | None, **arguments: Any) -> None:
        """Set it: ``"vault"``, ``"aws"``, or None for the one in the lab's airflow.cfg.

        ``arguments`` are `backend_kwargs`: what Airflow passes to the backend's class, nothing added. Holds for
        every task that starts from now on.
        """
        backend.use(self._view, name, arguments)

    def settings(self) -> dict[str, str]:
        """The same as variables, for the environment of a process; empty for the one in the lab's airflow.cfg."""
        return backend.settings(self._view)


class Vault(VaultClient):
    """OpenBao, whose API is Vault's."""

    def __init__(self, view: View) -> None:
        super().__init__(view.lab)
        self._view = view

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._view.lab.vault.url

    @property
    def mount(self) -> str:
        """Your team's own mount, a KV engine of version 2."""
        return vault_team.mount(self._view)

    @property
    def admin(self) -> hvac.Client:
        """A client that may manage your team's mount, policies and AppRoles (``<team>-…``), and nothing else."""
        with lab_needed():
            return vault_team.administrator(self._view)

    def audit(self, since: float = 0.0) -> list[Entry]:
        """What the audit log says of your team, oldest first, from ``since`` (`time.time()`) on."""
        return audit(self._view, since)

    def sealed(self) -> AbstractContextManager[None]:
        """``with lab.vault.sealed():`` OpenBao is sealed for the block, for everybody, and healthy again after it."""
        return told(outage.sealed(self._view.lab))

    def stopped(self) -> AbstractContextManager[None]:
        """``with lab.vault.stopped():`` OpenBao does not run for the block, for everybody, and is back after it."""
        return told(outage.stopped(self._view.lab))


class Aws:
    """AWS Secrets Manager, through its API."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def arguments(self) -> dict[str, str]:
        """What reaches the API as your team: a part of the `backend_kwargs` of Airflow's SecretsManagerBackend."""
        return aws.arguments(self._view)

    def client(self, service: str = "secretsmanager") -> Any:
        """A boto3 client that verifies the server and comes with your team's access key."""
        return aws.client(self._view, service)
