"""The secrets backend's side: connections kept in OpenBao, where Airflow's VaultBackend looks for them."""

from __future__ import annotations

from collections.abc import Mapping

import hvac
import hvac.exceptions
import requests

from airlock.lab.description import Lab, LabDown, secret


class VaultClient:
    """KV version 2 at the lab's mount, path ``connections/<conn_id>``."""

    def __init__(self, lab: Lab, token: str | None = None) -> None:
        self._mount = lab.vault.mount
        self._url = lab.vault.url
        self._client = hvac.Client(
            url=lab.vault.url, token=token or secret(lab.vault.root_token_file), verify=lab.ca_file, timeout=10
        )
        # A proxy or CA bundle of the user's shell has no business on loopback.
        self._client.session.trust_env = False

    def put_connection(self, conn_id: str, fields: Mapping[str, str | int]) -> None:
        """Store a connection: either ``{"conn_uri": …}`` or the fields ``conn_type``, ``host``, ``login`` …"""
        with _Answering(self._url):
            self._client.secrets.kv.v2.create_or_update_secret(
                path=f"connections/{conn_id}", secret=dict(fields), mount_point=self._mount
            )

    def get_connection(self, conn_id: str) -> dict[str, str] | None:
        """What is stored, or None."""
        with _Answering(self._url):
            try:
                answer = self._client.secrets.kv.v2.read_secret_version(
                    path=f"connections/{conn_id}", mount_point=self._mount, raise_on_deleted_version=True
                )
            except hvac.exceptions.InvalidPath:
                return None
            fields: dict[str, str] = answer["data"]["data"]
            return fields

    def delete_connection(self, conn_id: str) -> None:
        """Forget a connection, with all its versions. Harmless when there is none."""
        with _Answering(self._url):
            self._client.secrets.kv.v2.delete_metadata_and_all_versions(
                path=f"connections/{conn_id}", mount_point=self._mount
            )

    def connection_ids(self) -> list[str]:
        """Every connection stored."""
        with _Answering(self._url):
            try:
                answer = self._client.secrets.kv.v2.list_secrets(path="connections", mount_point=self._mount)
            except hvac.exceptions.InvalidPath:
                return []
            names: list[str] = answer["data"]["keys"]
            return names


class _Answering:
    """Turns "nobody there" and "sealed" into `LabDown`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, hvac.exceptions.VaultDown):
            raise LabDown("OpenBao is sealed.", "./airlock up") from None
        if isinstance(error, requests.RequestException):
            raise LabDown(f"OpenBao does not answer on {self._url}.") from None
