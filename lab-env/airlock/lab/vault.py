"""The secrets backend's side: connections kept in OpenBao, where Airflow's VaultBackend looks for them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import hvac
import hvac.adapters
import hvac.exceptions
import requests

from airlock.lab import locks
from airlock.lab.description import Lab, LabDown, secret

_READY_POLLS, _READY_PAUSE = 600, 0.05  # seconds


def client(lab: Lab, token: str | None = None) -> hvac.Client:
    """An `hvac.Client` of the lab's OpenBao over verified TLS, signed in with ``token`` or not at all.

    Its calls raise `LabDown` when the server does not answer or is sealed, else what hvac raises.
    """
    made = hvac.Client(
        url=lab.vault.url, token=token, verify=lab.ca_file, timeout=10, adapter=partial(_Answering, lab=lab)
    )
    if token is None:
        made.token = None  # hvac takes one from the user's home
    # A proxy or CA bundle of the user's shell has no business on loopback.
    made.session.trust_env = False
    return made


def root(lab: Lab) -> hvac.Client:
    """The administrator of the whole server, for trusted code."""
    return client(lab, secret(lab.vault.root_token_file))


def mount_kv(server: hvac.Client, path: str) -> None:
    """Mount a KV version 2 engine at ``path``; it can be used when this returns.

    A new mount is made as version 1 and upgraded: until then it answers 400, "Upgrading from non-versioned to
    versioned data".

    Raises:
        LabDown: it is not ready after half a minute, or the server does not answer.
    """
    server.sys.enable_secrets_engine("kv", path=path, options={"version": "2"})
    for _ in range(_READY_POLLS):
        try:
            server.secrets.kv.v2.read_configuration(mount_point=path)
            return
        except hvac.exceptions.InvalidRequest:
            time.sleep(_READY_PAUSE)
    raise LabDown(f"OpenBao has not made the mount {path} ready.")


class VaultClient:
    """KV version 2 at the lab's mount, path ``connections/<conn_id>``."""

    def __init__(self, lab: Lab) -> None:
        self._mount = lab.vault.mount
        self._kv = root(lab).secrets.kv.v2

    def put_connection(self, conn_id: str, fields: Mapping[str, str | int]) -> None:
        """Store a connection: either ``{"conn_uri": …}`` or the fields ``conn_type``, ``host``, ``login`` …"""
        self._kv.create_or_update_secret(path=f"connections/{conn_id}", secret=dict(fields), mount_point=self._mount)

    def get_connection(self, conn_id: str) -> dict[str, str] | None:
        """What is stored, or None."""
        try:
            answer = self._kv.read_secret_version(
                path=f"connections/{conn_id}", mount_point=self._mount, raise_on_deleted_version=True
            )
        except hvac.exceptions.InvalidPath:
            return None
        fields: dict[str, str] = answer["data"]["data"]
        return fields

    def delete_connection(self, conn_id: str) -> None:
        """Forget a connection, with all its versions. Harmless when there is none."""
        self._kv.delete_metadata_and_all_versions(path=f"connections/{conn_id}", mount_point=self._mount)

    def connection_ids(self) -> list[str]:
        """Every connection stored."""
        try:
            answer = self._kv.list_secrets(path="connections", mount_point=self._mount)
        except hvac.exceptions.InvalidPath:
            return []
        names: list[str] = answer["data"]["keys"]
        return names


class _Answering(hvac.adapters.JSONAdapter):  # type: ignore[misc]
    """Turns "nobody there" and "sealed" into `LabDown`, after another team's outage is over."""

    def __init__(self, *args: Any, lab: Lab, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lab = lab

    def request(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._request(*args, **kwargs)
        except LabDown:
            if not locks.taken(self._lab, locks.OUTAGE):
                raise
        with locks.shared(self._lab, locks.OUTAGE):
            return self._request(*args, **kwargs)

    def _request(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().request(*args, **kwargs)
        except hvac.exceptions.VaultDown:
            raise LabDown("OpenBao is sealed.") from None
        except requests.RequestException:
            raise LabDown(f"OpenBao does not answer on {self.base_uri}.") from None
