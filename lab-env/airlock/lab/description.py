"""`lab.json`: the one description of a running lab, written by whichever way started it.

It holds endpoints, versions and the *names* of credential files; the secrets themselves stay in those files
(mode 0600). Notebooks and graders read nothing else.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from airlock import paths


class LabDown(Exception):
    """The lab, or a service of it, is not there.

    Attributes:
        remedy: the command that mends it.
    """

    def __init__(self, message: str, remedy: str = "./airlock up") -> None:
        super().__init__(message)
        self.remedy = remedy

    def _render_traceback_(self) -> list[str]:
        # What IPython prints instead of a traceback.
        return [f"{self} In a terminal, run: {self.remedy}"]


@dataclass(frozen=True)
class PostgresEndpoint:
    """PostgreSQL with TLS. ``host`` is a name in the server certificate."""

    host: str
    port: int
    admin: str
    admin_password_file: str
    log: str


@dataclass(frozen=True)
class AirflowEndpoint:
    """Airflow's API server. ``home`` is AIRFLOW_HOME, ``environments`` holds one ``<prefix>.env`` a team."""

    url: str
    user: str
    password_file: str
    fernet_key_file: str
    home: str
    environments: str
    metadata_database: str


@dataclass(frozen=True)
class VaultEndpoint:
    """OpenBao, whose API is Vault's. ``mount`` is the KV v2 engine that Airflow's secrets backend reads."""

    url: str
    root_token_file: str
    mount: str
    audit_log: str


@dataclass(frozen=True)
class AwsEndpoint:
    """An AWS Secrets Manager API (moto server) over TLS."""

    url: str
    region: str


@dataclass(frozen=True)
class BillingEndpoint:
    """Billing, an HTTP API over the shop: the same service in clear on ``port``, over TLS on ``tls_port``."""

    host: str
    port: int
    tls_port: int

    @property
    def http(self) -> str:
        """Its address in clear."""
        return f"http://{self.host}:{self.port}"

    @property
    def https(self) -> str:
        """Its address over TLS, with a certificate of the lab's authority."""
        return f"https://{self.host}:{self.tls_port}"


@dataclass(frozen=True)
class WireEndpoint:
    """The wire: one port a situation, in front of PostgreSQL or of billing; recordings in ``captures``."""

    host: str
    doors: dict[str, int]
    captures: str


@dataclass(frozen=True)
class Lab:
    """A running lab."""

    id: str
    state: str
    ca_file: str
    postgres: PostgresEndpoint
    airflow: AirflowEndpoint
    vault: VaultEndpoint
    aws: AwsEndpoint
    billing: BillingEndpoint
    wire: WireEndpoint
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def current(cls, state: Path | None = None) -> Lab:
        """The lab described in the state folder. Raises `LabDown` when none is running."""
        file = (state or paths.state_dir()) / "lab.json"
        try:
            data: dict[str, Any] = json.loads(file.read_text())
        except FileNotFoundError:
            raise LabDown("The lab is not running.") from None
        except ValueError as error:
            raise LabDown(f"{file} is not readable JSON: {error}", "./airlock up") from None
        try:
            return cls(
                id=data["id"],
                state=data["state"],
                ca_file=data["ca_file"],
                postgres=PostgresEndpoint(**data["postgres"]),
                airflow=AirflowEndpoint(**data["airflow"]),
                vault=VaultEndpoint(**data["vault"]),
                aws=AwsEndpoint(**data["aws"]),
                billing=BillingEndpoint(**data["billing"]),
                wire=WireEndpoint(**data["wire"]),
                versions=data["versions"],
            )
        except KeyError as missing:
            raise LabDown(f"The lab runs from before an update: it has no {missing.args[0]}.") from None

    def write(self) -> None:
        """Publish this description, atomically, readable by its owner only."""
        file = Path(self.state) / "lab.json"
        partial = file.with_suffix(".partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump(asdict(self), stream, indent=2)
        partial.replace(file)


def secret(file: str) -> str:
    """The secret in a credential file. Raises `LabDown` when the lab has none."""
    try:
        return Path(file).read_text().strip()
    except FileNotFoundError:
        raise LabDown(f"{file} is missing: the lab is not running, or not wholly.") from None
