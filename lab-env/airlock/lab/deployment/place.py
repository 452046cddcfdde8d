"""Where a deployment stands: the names, addresses and certificates that are there before it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from airlock.lab.ports import LOOPBACK
from airlock.lab.seed import Seed
from airlock.lab.vault_team import mount
from airlock.lab.view import View
from airlock.pki import Authority
from airlock.pki.authority import Validity

_FORMER = Validity(timedelta(days=-4000), timedelta(days=-200))


@dataclass(frozen=True)
class Place:
    """The surroundings of one deployment.

    Attributes:
        team: begins every connection's id, and ends every login.
        host: the servers' name, as it is in their certificates.
        postgres, http, https: ports of the database and of the API, in clear and over TLS.
        database: the shop's.
        network: where clients come from, as pg_hba.conf writes it.
        folder: where the deployment's certificate files lie.
        authority, former, stranger: PEM of the company's authority, of the one before it, which has run out, and of
            somebody else's server.
        vault: its URL.
        mount, shared: the team's own mount, and the one of all teams.
    """

    team: str
    host: str
    postgres: int
    http: int
    https: int
    database: str
    network: str
    folder: str
    authority: str
    former: str
    stranger: str
    vault: str
    mount: str
    shared: str


def of(view: View) -> Place:
    """The learner's place: the lab. The stranger is the impostor at the wire's door ``self-signed``."""
    lab, folder = view.lab, folder_of(view)
    return Place(
        team=view.prefix,
        host=lab.postgres.host,
        postgres=lab.postgres.port,
        http=lab.billing.port,
        https=lab.billing.tls_port,
        database=view.database,
        network=f"{LOOPBACK}/32",
        folder=str(folder),
        authority=Path(lab.ca_file).read_text(),
        former=_former(folder),
        stranger=(impostors(view) / "self-signed.crt").read_text(),
        vault=lab.vault.url,
        mount=mount(view),
        shared=lab.vault.mount,
    )


def invented(seed: Seed) -> Place:
    """A place that does not exist, for a deployment that is only looked at."""
    team, host = seed.prefix, f"{seed.word('host').replace('-', '')}.internal"
    return Place(
        team=team,
        host=host,
        postgres=seed.number("postgres", 5400, 5499),
        http=seed.number("http", 8000, 8099),
        https=seed.number("https", 8400, 8499),
        database=f"shop_{team}",
        network=f"10.{seed.number('network', 0, 255)}.0.0/16",
        folder=f"/etc/{team}/trust",
        authority=_pem(Authority.root(f"{team} authority")),
        former=_pem(Authority.root(f"{team} authority", _FORMER)),
        stranger=Authority.self_signed(f"{team} server", [host]).certificate_pem.decode(),
        vault=f"https://{host}:8200",
        mount=team,
        shared="airflow",
    )


def folder_of(view: View) -> Path:
    """Where the certificate files and the server's rules of a team's deployment lie."""
    return Path(view.lab.state) / "deployments" / view.prefix


def impostors(view: View) -> Path:
    """What the attackers on the wire show instead of a server's certificate."""
    return Path(view.lab.wire.captures).parent / "certificates"


def _former(folder: Path) -> str:
    """The company's authority of years ago, made at first need and kept: it is in files that have to stay the same."""
    file = folder / ".former.pem"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = file.with_suffix(f".{secrets.token_hex(4)}")
        partial.write_text(_pem(Authority.root("Airlock, until last year", _FORMER)))
        partial.replace(file)
    return file.read_text()


def _pem(authority: Authority) -> str:
    return authority.identity.certificate_pem.decode()
