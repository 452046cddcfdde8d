"""What each client setting is worth in each situation: one table, and the experiment that proves it.

What a cell says is in `airlock.wire.grid`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, cast

from airlock.wire.captures import Doors, record
from airlock.wire.grid import Outcome as Outcome  # noqa: PLC0414 - who uses the matrix takes it from here
from airlock.wire.grid import outcome_of, read_table, side_by_side
from airlock.wire.loot import Loot, loot
from airlock.wire.refusals import Reason, reason

ServerRule = Literal["host", "hostssl"]
Authentication = Literal["scram", "md5", "password"]

# libpq's words; CA stands for the file of the lab's authority.
CA = "<ca>"
CLIENTS: dict[str, dict[str, str]] = {
    "disable": {"sslmode": "disable"},
    "allow": {"sslmode": "allow"},
    "prefer": {"sslmode": "prefer"},
    "require": {"sslmode": "require"},
    "verify-ca": {"sslmode": "verify-ca", "sslrootcert": CA},
    "verify-full": {"sslmode": "verify-full", "sslrootcert": CA},
    "verify-full+binding": {"sslmode": "verify-full", "sslrootcert": CA, "channel_binding": "require"},
    "require+binding": {"sslmode": "require", "channel_binding": "require"},
    "require+direct": {"sslmode": "require", "sslnegotiation": "direct"},
}

# a/b: with `host` / with `hostssl`, where the server alone makes the difference.
# read*: refused when the server demands TLS and SCRAM: channel binding, on by default, notices two TLS sessions.
# The clients with +binding get in with SCRAM only: nothing else can be bound to a channel.
_TABLE = """
                    passive      downgrade cleartext self-signed cleartext-forged wrong-host expired not-yet-valid mis-issued stolen-key
disable             read/refused read      read      read        read             read       read    read          read       read
allow               read/safe    read      read      read        read             read       read    read          read       read
prefer              safe         read      read      read        read             read       read    read          read       read
require             safe         refused   refused   read*       read             read*      read*   read*         read*      read
verify-ca           safe         refused   refused   refused     refused          read*      refused refused       read*      read
verify-full         safe         refused   refused   refused     refused          refused    refused refused       read*      read
verify-full+binding safe         refused   refused   refused     refused          refused    refused refused       refused    read
require+binding     safe         refused   refused   refused     refused          refused    refused refused       refused    read
require+direct      safe         refused   refused   read*       read             read*      read*   read*         read*      read
"""  # noqa: E501 - a table is read in one piece
SITUATIONS, _CELLS = read_table(_TABLE)
CORE = ("passive", "downgrade", "self-signed", "wrong-host", "expired", "mis-issued", "stolen-key")

QUERY = "select id, customer, quantity from orders order by id limit 3"


class Login(Protocol):
    """Who logs in, and where (`airlock.lab.view.Login`)."""

    @property
    def host(self) -> str: ...
    @property
    def database(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...


@dataclass(frozen=True)
class Attempt:
    """One session through one door. ``error`` is the client's own words where it was refused, else empty."""

    outcome: Outcome
    loot: Loot
    error: str

    @property
    def reason(self) -> Reason:
        """Why it was refused; empty for a session that was not."""
        return reason(self.error) if self.error else Reason("", "", "")


@dataclass(frozen=True)
class Result:
    """One experiment: who connected how, into which situation, and what became of it.

    ``error`` is the client's own words where it was refused, else empty.
    """

    client: str
    situation: str
    server_rule: ServerRule
    authentication: Authentication
    outcome: Outcome
    loot: Loot
    error: str

    @property
    def expected(self) -> Outcome:
        """What the table says."""
        return expected(self.client, self.situation, self.server_rule, self.authentication)

    def to_plain(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


def expected(client: str, situation: str, rule: ServerRule, authentication: Authentication) -> Outcome:
    """The table's word. Raises `KeyError` for a client or situation that is not in it."""
    cell = _CELLS[client, situation]
    if "channel_binding" in CLIENTS[client] and authentication != "scram":
        return "refused"
    if cell == "read*":
        return "refused" if (rule, authentication) == ("hostssl", "scram") else "read"
    with_host, _, with_hostssl = cell.partition("/")
    return cast(Outcome, with_hostssl if with_hostssl and rule == "hostssl" else with_host)


def run(
    wire: Doors,
    logins: Mapping[tuple[ServerRule, Authentication], Login],
    ca_file: str,
    *,
    clients: Sequence[str] = tuple(CLIENTS),
    situations: Sequence[str] = CORE,
    progress: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Every client in every situation with every login, for real.

    Situations run side by side; in one situation clients come one after the other, so that a recording has one.

    Args:
        wire: the lab's doors.
        logins: one for each server rule and authentication to try (`airlock.lab.rules.ruled_logins`).
        ca_file: the authority that verifying clients trust.
        clients, situations: names of rows and columns.
        progress: called with each result, from several threads.
    """

    def column(situation: str) -> list[Result]:
        results = []
        for (rule, authentication), login in logins.items():
            for client in clients:
                door = "eavesdropper" if situation == "passive" else situation
                tried = attempt(wire, login, door, _settings(client, ca_file))
                result = Result(client, situation, rule, authentication, tried.outcome, tried.loot, tried.error)
                progress(result)
                results.append(result)
        return results

    return side_by_side(situations, column)


def attempt(wire: Doors, login: Login, door: str, settings: Mapping[str, Any]) -> Attempt:
    """Log in through a door with these settings of libpq's, read a few rows, and say what came of it."""
    import psycopg  # here, so that lessons can talk about the table without a database driver

    # Where a client is not told a file, libpq takes the one in ~/.postgresql, and uses it: not in a test.
    bare = {"sslrootcert": f"{wire.captures}/none", "gssencmode": "disable"}
    if "sslcert" not in settings:
        bare["sslcertmode"] = "disable"
    who: dict[str, Any] = {"dbname": login.database, "user": login.user, "password": login.password}
    got_in, error = False, ""
    with record(wire, door) as recording:
        # The name is the server's, the address the attacker's: what a spoofed DNS answer does.
        where: dict[str, Any] = {"host": login.host, "hostaddr": "127.0.0.1", "port": recording.port}
        given: dict[str, Any] = {**where, **who, "connect_timeout": 10, **bare, **settings}
        try:
            with psycopg.connect(**given, autocommit=True) as session:
                got_in = bool(session.execute(QUERY).fetchall())
        except psycopg.Error as refusal:
            error = str(refusal).strip()
    gained = loot(recording.connections)
    return Attempt(outcome_of(gained, got_in=got_in), gained, error)


def _settings(client: str, ca_file: str) -> dict[str, str]:
    return {name: ca_file if value == CA else value for name, value in CLIENTS[client].items()}
