"""Every refusal has a reason: over the whole grid, run for real, and over texts that only other settings provoke."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import psycopg
import pytest

from airlock.lab import LabDown, View, experiments
from airlock.wire import explain, matrix
from airlock.wire.loot import Loot
from airlock.wire.matrix import Authentication, Outcome, Result, ServerRule
from airlock.wire.refusals import UNKNOWN, reason
from tests.wire.clients import Logins, enter

VERIFY = "certificate verify failed"
SERVERS = [(rule, authentication) for rule in get_args(ServerRule) for authentication in get_args(Authentication)]
# Why a client is refused that has TLS with the attacker and insists on binding, by how the server asks.
UNBOUND = "channel binding required"


def expected_reason(result: Result) -> str:
    """Which reason a refused experiment has to have, from the table's own logic."""
    client, situation = result.client, result.situation
    verifies = "verify" in client
    if situation in ("downgrade", "cleartext"):
        return "hung up during the handshake" if "direct" in client else "no TLS on offer"
    if situation == "passive":
        return "server's rule: no clear text" if client == "disable" else UNBOUND
    if verifies and situation in ("self-signed", "expired", "not-yet-valid", "cleartext-forged"):
        return VERIFY
    if "verify-full" in client and situation == "wrong-host":
        return "host name does not match"
    if situation in ("stolen-key", "cleartext-forged") or ("binding" in client and result.authentication != "scram"):
        return UNBOUND
    return "channel binding noticed" if result.server_rule == "hostssl" else "channel binding not on offer"


@pytest.mark.lab
def test_every_refusal_of_the_full_grid_has_its_reason(view: View) -> None:
    told: list[Result] = []
    results = experiments.run(view, SERVERS, situations=matrix.SITUATIONS, progress=told.append)
    assert len(told) == len(results) == 540
    for result in results:
        assert bool(result.error) == (result.outcome == "refused"), result
        if result.error:
            why = reason(result.error)
            assert why.name == expected_reason(result), result
            assert why.words in result.error
            assert why.decided
            assert "{" not in why.because
        gained = explain.gained(result.outcome, result.loot)
        assert gained.startswith(
            {"read": "He has ", "safe": "The session worked", "refused": "No session"}[result.outcome]
        )
        assert ("password itself" in gained) == bool(result.loot.password)


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A port where somebody says ``reply`` to the first words of whoever calls, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(100)
                caller.sendall(reply)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


@pytest.mark.lab
@pytest.mark.parametrize(
    ("door", "options", "name"),
    [
        ("relay", {"sslrootcert": "/nowhere/ca.crt"}, "root file missing"),
        ("relay", {"sslmode": "prefer", "sslnegotiation": "direct"}, "direct TLS needs require"),
        ("relay", {"sslrootcert": "system"}, VERIFY),
        (
            "relay",
            {"ssl_min_protocol_version": "TLSv1", "ssl_max_protocol_version": "TLSv1.1"},
            "no common TLS version",
        ),
        ("downgrade", {"sslmode": "prefer", "channel_binding": "require"}, "channel binding needs TLS"),
        ("cleartext", {"sslmode": "prefer", "require_auth": "scram-sha-256"}, "not allowed by require_auth"),
        ("downgrade", {"sslmode": "prefer", "require_auth": "none"}, "not allowed by require_auth"),
    ],
)
def test_settings_outside_the_grid(view: View, door: str, options: dict[str, Any], name: str) -> None:
    with pytest.raises(psycopg.OperationalError) as refused:
        enter(view, view.shop, door, **options)
    why = reason(str(refused.value))
    assert why.name == name
    assert why.words in str(refused.value)
    assert "{" not in why.because


@pytest.mark.lab
def test_a_wrong_password_and_an_md5_login_have_reasons_too(view: View, logins: Logins) -> None:
    wrong = type(view.shop)(**{**vars(view.shop), "password": "guess"})
    with pytest.raises(psycopg.OperationalError) as refused:
        enter(view, wrong, "relay")
    assert reason(str(refused.value)).name == "wrong password"
    with pytest.raises(psycopg.OperationalError) as refused:
        enter(view, logins["host", "md5"], "relay", require_auth="scram-sha-256")
    assert "hashed password" in reason(str(refused.value)).because


@pytest.mark.parametrize(("reply", "name"), [(b"", "server hung up"), (b"S", "hung up during the handshake")])
def test_somebody_hangs_up(reply: bytes, name: str) -> None:
    with answering(reply) as port, pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host="127.0.0.1", port=port, sslmode="require", gssencmode="disable", connect_timeout=5)
    assert reason(str(refused.value)).name == name


def test_nobody_there_is_no_refusal() -> None:
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host="127.0.0.1", port=1, connect_timeout=5)
    assert not reason(str(refused.value)).decided


def test_a_text_that_is_not_known_is_said_to_be() -> None:
    for text in ("", "connection failed: the moon is full {0}"):
        why = reason(text)
        assert (why.name, why.words, why.decided) == (UNKNOWN, "", True)


@pytest.mark.lab
def test_a_wire_that_is_down_refuses_nobody(view: View) -> None:
    closed = type(view.lab.wire)(view.lab.wire.host, dict.fromkeys(view.lab.wire.doors, 1), view.lab.wire.captures)
    down = View(type(view.lab)(**{**vars(view.lab), "wire": closed}), view.seed)
    told: list[Result] = []
    with pytest.raises(LabDown, match="did not answer"):
        experiments.run(
            down, [("host", "scram")], situations=["self-signed"], clients=["require"], progress=told.append
        )
    assert told == []


NAMES = "the names of login and database"
SCRAM = "the SCRAM exchange (enough to test guesses of the password offline)"
SAFE = "The session worked, and he has encrypted bytes only."


@pytest.mark.parametrize(
    ("outcome", "loot", "said"),
    [
        ("read", Loot(password="p", sql=("s",), rows=(("1",),), bytes_read=1200), "He has the password itself, the SQL "
         "and 1 row: 1,200 bytes in clear."),
        ("safe", Loot(), SAFE),
        ("safe", Loot(user="u", bytes_read=9), f"{SAFE} An earlier try was in clear and gave away {NAMES}."),
        ("refused", Loot(), "No session, and he has nothing."),
        ("refused", Loot(user="u", scram=("a", "b")), f"No session. Before it ended he had {NAMES}."),
        ("refused", Loot(user="u", scram=("a", "b", "c")), f"No session. Before it ended he had {NAMES} and {SCRAM}."),
    ],
)  # fmt: skip
def test_what_the_attacker_has(outcome: Outcome, loot: Loot, said: str) -> None:
    assert explain.gained(outcome, loot) == said


def test_every_situation_and_client_is_explained() -> None:
    assert tuple(sorted(explain.ATTACKS)) == tuple(sorted(matrix.SITUATIONS))
    assert explain.settings("verify-ca") == "sslmode=verify-ca sslrootcert=<ca>"
