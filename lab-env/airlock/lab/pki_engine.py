"""A team's own certificate authority: OpenBao's PKI engine at ``<team>-pki``, with a root whose key never leaves it.

A certificate is asked for with a signing request, so the server's private key is made where it is used and travels
nowhere. The engine's role says which names may be asked for, and for how long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from airlock.lab import alerts, environment, vault_team
from airlock.lab.description import Lab
from airlock.lab.ground import HOST
from airlock.lab.view import View

ROLE = "warehouse"
_ROOT_LIFETIME = "8760h"
_RENEWER = """
path "{mount}/sign/{role}" {{ capabilities = ["update"] }}
"""


@dataclass(frozen=True)
class Issued:
    """A certificate that OpenBao has signed, with the key it is for. ``repr`` never shows the key.

    Attributes:
        certificate: the leaf and what leads from it towards the root, as a server sends them; PEM text.
        issuer, key: PEM texts; the key is unencrypted PKCS #8.
        serial: as in the certificate.
        begins, ends: when it is valid, in seconds since 1970.
    """

    certificate: str
    issuer: str
    key: str = field(repr=False)
    serial: int
    begins: float
    ends: float


class PkiEngine:
    """The team's PKI engine: set it up, look at its rules, ask it for a certificate."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def mount(self) -> str:
        """Where the engine is in OpenBao."""
        return mount(self._view.prefix)

    @property
    def ca_file(self) -> str:
        """The root certificate as a PEM file, for `sslrootcert`. Written by `open`."""
        return str(ca_file(self._view.lab, self._view.prefix))

    @property
    def ca(self) -> str:
        """The root certificate as PEM text. Raises `ValueError` before `open`."""
        with refusals():
            root = self._admin.secrets.pki.read_ca_certificate(mount_point=self.mount)
        if not root:
            raise ValueError("there is no authority yet: lab.pki.open() makes one")
        return _line_ended(str(root))

    def open(self, ttl: str = "2m", role: str = ROLE, names: Sequence[str] = (HOST,)) -> None:
        """Make the authority, the role, and the rights of the DAG that renews. Again: change the role.

        The DAG logs in with an AppRole ``<team>-renewer`` that may have a request signed under this role and nothing
        else. Its Airflow connection ``<team>_pki`` goes into the environment of the team's tasks, and with it
        ``<team>_pager``, for the alert when a renewal fails.

        Args:
            ttl: how long a certificate of this role is valid, e.g. ``"90s"``; also the longest that may be asked for.
            role: the name of the rules.
            names: the host names that may be asked for, exactly these.

        Raises:
            ValueError: OpenBao refuses, in its own words.
            LabDown: OpenBao does not answer or is sealed.
        """
        with refusals():
            self._open(ttl, role, names)

    def _open(self, ttl: str, role: str, names: Sequence[str]) -> None:
        admin, team = self._admin, self._view.prefix
        vault_team.ensure_engine(
            admin, "pki", self.mount, default_lease_ttl=_ROOT_LIFETIME, max_lease_ttl=_ROOT_LIFETIME
        )
        if not admin.secrets.pki.read_ca_certificate(mount_point=self.mount):
            wanted = {"key_type": "ec", "key_bits": 256, "ttl": _ROOT_LIFETIME}
            admin.secrets.pki.generate_root("internal", f"Team {team} PKI", wanted, mount_point=self.mount)
        rules = {
            **{"allowed_domains": list(names), "allow_bare_domains": True, "allow_subdomains": False},
            **{"allow_localhost": False, "allow_ip_sans": False, "enforce_hostnames": True},
            **{"key_type": "ec", "key_bits": 256, "server_flag": True, "client_flag": False},
            **{"ttl": ttl, "max_ttl": ttl, "not_before_duration": "30s"},
        }
        admin.secrets.pki.create_or_update_role(role, rules, mount_point=self.mount)
        Path(self.ca_file).write_text(self.ca)
        renewer = f"{team}-renewer"
        admin.sys.create_or_update_policy(renewer, _RENEWER.format(mount=self.mount, role=role))
        approle = admin.auth.approle
        approle.create_or_update_approle(renewer, token_policies=[renewer], token_ttl="10m")
        self._connect_airflow(
            approle.read_role_id(renewer)["data"]["role_id"], approle.generate_secret_id(renewer)["data"]["secret_id"]
        )

    def rules(self, role: str = ROLE) -> dict[str, Any]:
        """The role as OpenBao holds it. Raises `ValueError` when there is none."""
        with refusals():
            rules: dict[str, Any] = self._admin.secrets.pki.read_role(role, mount_point=self.mount)["data"]
            return rules

    def issue(self, name: str = HOST, role: str = ROLE, ttl: str | None = None) -> Issued:
        """A new key, and a certificate for it. Raises `ValueError` for what the role does not allow, and `LabDown`."""
        return sign(self._admin, self.mount, name, role, ttl)

    @property
    def _admin(self) -> hvac.Client:
        return vault_team.administrator(self._view)

    def _connect_airflow(self, role_id: str, secret_id: str) -> None:
        host, _, port = self._view.lab.vault.url.removeprefix("https://").partition(":")
        # Without `use_tls` the hook takes http, and `verify` reaches its client by way of `client_kwargs` only.
        extra = {"use_tls": True, "auth_type": "approle", "client_kwargs": {"verify": self._view.lab.ca_file}}
        fields = {"conn_type": "vault", "host": host, "port": int(port), "login": role_id, "password": secret_id}
        environment.set_connection(self._view, f"{self._view.prefix}_pki", json.dumps({**fields, "extra": extra}))
        alerts.connect_airflow(self._view)


def sign(client: hvac.Client, engine: str, name: str, role: str = ROLE, ttl: str | None = None) -> Issued:
    """Make a key, and have a certificate for ``name`` signed by the PKI engine at ``engine``.

    Raises:
        ValueError: OpenBao refuses, in its own words.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .sign(key, hashes.SHA256())
    )
    wanted = {"csr": request.public_bytes(serialization.Encoding.PEM).decode(), "common_name": name}
    with refusals():
        answer = client.write_data(f"{engine}/sign/{role}", data=wanted | ({"ttl": ttl} if ttl else {}))["data"]
    certificate = x509.load_pem_x509_certificate(answer["certificate"].encode())
    return Issued(
        certificate="".join(map(_line_ended, (answer["certificate"], *_between(answer.get("ca_chain") or [])))),
        issuer=_line_ended(answer["issuing_ca"]),
        key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        serial=certificate.serial_number,
        begins=certificate.not_valid_before_utc.timestamp(),
        ends=certificate.not_valid_after_utc.timestamp(),
    )


def close(view: View) -> None:
    """Forget what is not in OpenBao, which takes its mount away with the team."""
    ca_file(view.lab, view.prefix).unlink(missing_ok=True)


def _between(chain: list[str]) -> Iterator[str]:
    """The authorities below the root, which a client has of its own."""
    for pem in chain:
        authority = x509.load_pem_x509_certificate(pem.encode())
        if authority.subject != authority.issuer:
            yield pem


def _line_ended(pem: str) -> str:
    return pem.strip() + "\n"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what OpenBao refuses into a `ValueError` with its own words."""
    try:
        yield
    except hvac.exceptions.VaultError as error:
        words = " ".join(" ".join(error.errors or [str(error)]).split())
        raise ValueError(f"OpenBao refused: {words or type(error).__name__}") from None


def mount(team: str) -> str:
    """The team's PKI engine."""
    return f"{team}-pki"


def ca_file(lab: Lab, team: str) -> Path:
    """The root certificate of the team's PKI engine."""
    folder = Path(lab.state) / "pki" / "teams"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{team}.crt"
