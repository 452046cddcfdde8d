"""The same for HTTP: what each setting of a client is worth in each situation, and the experiment that proves it.

The client is `requests`, set as `HttpHook` sets it: ``schema`` is the connection's field, ``verify`` its extra. What a
cell says is in `airlock.wire.grid`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import requests
from urllib3.exceptions import InsecureRequestWarning

from airlock.wire.captures import Doors, record
from airlock.wire.grid import Outcome, outcome_of, read_table, side_by_side
from airlock.wire.loot import Loot, loot
from airlock.wire.matrix import CA, Login

# HttpHook's words; left out, ``verify`` is true: the authorities that come with `requests`.
CLIENTS: dict[str, dict[str, Any]] = {
    "http": {"schema": "http"},
    "unverified": {"schema": "https", "verify": False},
    "system-ca": {"schema": "https"},
    "private-ca": {"schema": "https", "verify": CA},
}

# A certificate of a private authority is refused by whoever was not told of it: also the honest one, in `passive`.
# Who comes with TLS cannot be stripped of it; `strip` waits for those who come in clear.
_TABLE = """
            passive strip   self-signed wrong-host expired not-yet-valid mis-issued stolen-key
http        read    read    read        read       read    read          read       read
unverified  safe    safe    read        read       read    read          read       read
system-ca   refused refused refused     refused    refused refused       refused    refused
private-ca  safe    safe    refused     refused    refused refused       read       read
"""
SITUATIONS, _CELLS = read_table(_TABLE)

PATH = "/invoices?limit=3"


@dataclass(frozen=True)
class Result:
    """One experiment: which client came into which situation, and what became of it.

    ``error`` is the client's own words where it was refused, else empty.
    """

    client: str
    situation: str
    outcome: Outcome
    loot: Loot
    error: str

    @property
    def expected(self) -> Outcome:
        """What the table says."""
        return expected(self.client, self.situation)

    def to_plain(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


def expected(client: str, situation: str) -> Outcome:
    """The table's word. Raises `KeyError` for a client or situation that is not in it."""
    return cast(Outcome, _CELLS[client, situation])


def run(
    wire: Doors,
    login: Login,
    ca_file: str,
    *,
    clients: Sequence[str] = tuple(CLIENTS),
    situations: Sequence[str] = SITUATIONS,
    progress: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Every client in every situation, for real: the invoices are asked for, with the login as Basic authentication.

    Situations run side by side; in one situation clients come one after the other, so that a recording has one.

    Args:
        wire: the lab's doors.
        login: whose invoices; its host is the name in the certificates.
        ca_file: the private authority.
        clients, situations: names of rows and columns.
        progress: called with each result, from several threads.
    """

    def column(situation: str) -> list[Result]:
        results = []
        for client in clients:
            settings = {name: ca_file if value == CA else value for name, value in CLIENTS[client].items()}
            result = Result(client, situation, *_try(wire, login, situation, **settings))
            progress(result)
            results.append(result)
        return results

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        return side_by_side(situations, column)


def _try(
    wire: Doors, login: Login, situation: str, schema: str, verify: bool | str = True
) -> tuple[Outcome, Loot, str]:
    door = "http-eavesdropper" if situation == "passive" else f"http-{situation}"
    got_in, error = False, ""
    with record(wire, door) as recording:
        try:
            got_in = _ask(f"{schema}://{login.host}:{recording.port}{PATH}", login, verify)
        except requests.RequestException as refusal:
            error = str(refusal)
    gained = loot(recording.connections)
    return outcome_of(gained, got_in=got_in), gained, error


def _ask(url: str, login: Login, verify: bool | str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no CA bundle of the user's shell
        answer = session.get(url, auth=(login.user, login.password), verify=verify, timeout=10)
        answer.raise_for_status()
        return bool(answer.json()["invoices"])
