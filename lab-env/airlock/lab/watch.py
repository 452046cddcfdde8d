"""What a night watch looks at: certificates that end soon, links without TLS, failed handshakes, refused reads.

It works by a team's name alone: it is what the DAG `keep_watch` runs, in Airflow's worker.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from psycopg import sql

from airlock.lab import alerts, environment
from airlock.lab.audit import refused
from airlock.lab.description import Lab
from airlock.lab.greeting import StartTls, certificate_of
from airlock.lab.ground import HOST
from airlock.lab.pki_engine import PkiEngine
from airlock.lab.view import View
from airlock.lab.warehouse import Warehouse
from airlock.lab.warehouse.place import Place
from airlock.lab.warehouse.server import Server, since

SESSIONS = """
select usename, application_name, client_port from pg_stat_activity join pg_stat_ssl using (pid)
where backend_type = 'client backend' and client_port <> -1 and not ssl
"""
"""Sessions over the network without TLS. Whoever asks needs `pg_monitor`, or sees only his own."""

# What PostgreSQL's log says of a client that came without TLS, and of one whose handshake or certificate failed.
_PLAIN = re.compile(r"connection authorized: (?!.*SSL enabled)(?P<who>user=\S+ database=\S+(?: application_name=.*)?)")
_FAILURE = re.compile(
    r"could not accept SSL connection: (?P<handshake>.*)|(?P<rule>(?:no pg_hba.conf entry|pg_hba.conf rejects).*)|"
    r"(?P<client>certificate authentication failed.*|connection requires a valid client certificate.*)"
)


@dataclass(frozen=True)
class Finding:
    """Something that somebody should look at.

    Attributes:
        kind: ``expiring``, ``unreachable``, ``plain-session``, ``tls-failure`` or ``refused-read``.
        where: the service, or the path in OpenBao.
        what: in words.
        count: how often.
    """

    kind: str
    where: str
    what: str
    count: int = 1

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.kind}: {self.where}: {self.what}{times}"


class Watch:
    """A team's watch: what its DAG needs to look."""

    def __init__(self, view: View) -> None:
        self._view = view

    def open(self, ca_file: str | None = None) -> None:
        """Give the watch a login of its own in the warehouse, which sees every session and no data, and a pager.

        The Airflow connections ``<team>_monitor`` and ``<team>_pager`` go into the environment of the team's tasks.

        Args:
            ca_file: whom the watch trusts for the warehouse's certificate; the root of the team's PKI when left out.

        Raises:
            ValueError: the warehouse does not run.
        """
        warehouse, team, password = Warehouse(self._view), self._view.prefix, secrets.token_hex(16)
        name = f"monitor_{team}"
        with warehouse.admin() as session:
            made = session.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
            if not made:
                session.execute(sql.SQL("create role {}").format(sql.Identifier(name)))
            for statement in (
                "alter role {name} login password {password}",
                "grant connect on database {database} to {name}",
                "grant pg_monitor to {name}",
            ):
                session.execute(
                    sql.SQL(statement).format(
                        name=sql.Identifier(name),
                        password=sql.Literal(password),
                        database=sql.Identifier(warehouse.login.database),
                    )
                )
        extra = {"sslmode": "verify-full", "sslrootcert": ca_file or PkiEngine(self._view).ca_file}
        fields = {
            **{"conn_type": "postgres", "host": warehouse.host, "port": warehouse.port, "login": name},
            **{"password": password, "schema": warehouse.login.database, "extra": extra},
        }
        environment.set_connection(self._view, f"{team}_monitor", json.dumps(fields))
        alerts.connect_airflow(self._view)


def findings(lab: Lab, team: str, sessions: Iterable[tuple[Any, ...]], begin: float, warn: float) -> list[Finding]:
    """Everything found.

    Args:
        sessions: what `SESSIONS` gives.
        begin: from when on the logs count, in seconds since 1970.
        warn: the share of a certificate's life that has to be left.
    """
    return [
        *expiring(lab, team, warn),
        *open_sessions(sessions),
        *server_log(lab, team, begin),
        *refused_reads(lab, team, begin),
    ]


def expiring(lab: Lab, team: str, warn: float) -> Iterator[Finding]:
    """Certificates of the warehouse and of the lab's services with less than ``warn`` of their life left."""
    for service, (port, starttls) in _services(lab, team).items():
        try:
            certificate = certificate_of(HOST, port, starttls=starttls)
        except OSError as error:
            yield Finding("unreachable", service, str(error) or type(error).__name__)
            continue
        begins, ends = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
        left = ends - time.time()
        if left < warn * (ends - begins):
            when = f"its certificate ends in {_span(left)}" if left > 0 else f"its certificate ended {_span(-left)} ago"
            yield Finding("expiring", service, f"{when}, after a life of {_span(ends - begins)}")


def open_sessions(sessions: Iterable[tuple[Any, ...]]) -> Iterator[Finding]:
    """Sessions without TLS that are open now."""
    seen = Counter(
        f"{user} ({application or 'no application name'}) is connected in clear" for user, application, _ in sessions
    )
    for what, count in seen.items():
        yield Finding("plain-session", "warehouse", what, count)


def server_log(lab: Lab, team: str, begin: float) -> Iterator[Finding]:
    """What the warehouse's log has of sessions in clear and of TLS that failed."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in since(Server(Place(lab, team)).lines(), begin):
        if plain := _PLAIN.search(line):
            if "[local]" not in line:
                seen["plain-session", f"logged in in clear: {plain['who']}"] += 1
        elif failure := _FAILURE.search(line):
            seen["tls-failure", next(filter(None, failure.groups()))] += 1
    for (kind, what), count in seen.items():
        yield Finding(kind, "warehouse", what, count)


def refused_reads(lab: Lab, team: str, begin: float) -> Iterator[Finding]:
    """What OpenBao has denied, from its audit log."""
    seen = Counter((entry.path, entry.role or ", ".join(entry.policies)) for entry in refused(lab, team, begin))
    for (path, who), count in seen.items():
        yield Finding("refused-read", path, f"OpenBao refused it to {who or 'somebody without a token'}", count)


def as_json(found: list[Finding]) -> list[dict[str, Any]]:
    """For an alert."""
    return [asdict(each) for each in found]


def _services(lab: Lab, team: str) -> dict[str, tuple[int, StartTls | None]]:
    def port(url: str) -> int:
        return urlsplit(url).port or 443

    services: dict[str, tuple[int, StartTls | None]] = {
        "warehouse": (Place(lab, team).port, "postgres"),
        "postgres": (lab.postgres.port, "postgres"),
        "airflow": (port(lab.airflow.url), None),
        "openbao": (port(lab.vault.url), None),
        "aws": (port(lab.aws.url), None),
        "billing": (lab.billing.tls_port, None),
    }
    return services


def _span(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
