"""What a door writes down of each leg, on the real wire."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from airlock.lab import View
from airlock.wire.captures import record
from airlock.wire.loot import loot
from tests.wire.clients import Logins, enter, joined, only

pytestmark = pytest.mark.lab
OWN_SSL = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"


def test_the_servers_view_of_encryption_is_of_its_own_leg_only(view: View, logins: Logins) -> None:
    with enter(view, logins["hostssl", "scram"], "downgrade", sslmode="prefer") as session:
        assert (session.pgconn.ssl_in_use, session.execute(OWN_SSL).fetchone()) == (False, (True,))
    with enter(view, logins["host", "scram"], "mis-issued") as session:
        assert (session.pgconn.ssl_in_use, session.execute(OWN_SSL).fetchone()) == (True, (False,))


def test_both_legs_are_recorded_raw_and_as_the_door_read_them(view: View, logins: Logins) -> None:
    with record(view.lab.wire, "stolen-key") as recording:
        with enter(view, logins["hostssl", "scram"], "stolen-key", channel_binding="require") as session:
            session.execute("select 'canary'")
    connection = only(recording)
    assert not connection.passive
    assert connection.ended
    assert connection.address[1] == recording.port
    assert [peer[1] for _, peer in connection.servers] == [view.lab.postgres.port]
    for leg in ("client", "server"):
        assert connection.tls[leg]["version"] == "TLSv1.3"
        assert any(line.startswith("CLIENT_TRAFFIC_SECRET_0") for line in connection.keys[leg])
        assert b"canary" in joined(connection, leg, "clear", "client")
        assert b"canary" in joined(connection, leg, "clear", "server")
        assert b"canary" not in joined(connection, leg, "raw", "client") + joined(connection, leg, "raw", "server")
        assert joined(connection, leg, "raw", "server")
    times = [message.time for message in connection.messages]
    assert times == sorted(times)


def test_an_older_tls_is_ended_too_and_its_key_log_kept(view: View) -> None:
    with record(view.lab.wire, "mis-issued") as recording:
        with enter(view, view.shop, "mis-issued", ssl_max_protocol_version="TLSv1.2") as session:
            session.execute("select 'canary'")
    connection = only(recording)
    assert connection.tls["client"]["version"] == "TLSv1.2"
    assert connection.keys["client"][0].startswith("CLIENT_RANDOM")
    assert loot([connection]).rows == (("canary",),)


def test_a_door_that_the_server_refuses_in_the_clear_calls_again_over_tls(view: View, logins: Logins) -> None:
    with record(view.lab.wire, "downgrade") as recording:
        with enter(view, logins["hostssl", "scram"], "downgrade", sslmode="disable"):
            pass
    connection = only(recording)
    assert len(connection.servers) == 2
    assert {chunk.link for chunk in connection.chunks("server")} == {0, 1}
    first = b"".join(chunk.data for chunk in connection.chunks("server") if chunk.link == 0)
    assert b"no encryption" in first
    assert b"no encryption" not in joined(connection, "client", "raw", "server")


def test_a_passive_doors_legs_carry_the_same(view: View) -> None:
    with record(view.lab.wire, "eavesdropper") as recording:
        with enter(view, view.shop, "eavesdropper", sslmode="disable"):
            pass
    connection = only(recording)
    for sender in ("client", "server"):
        assert joined(connection, "client", "raw", sender) == joined(connection, "server", "raw", sender) != b""
    assert len(connection.servers) == 1


def test_negotiating_an_older_protocol_is_heard_once(view: View, logins: Logins) -> None:
    if psycopg.pq.version() < 180000:
        pytest.skip("libpq before 18 always asks for protocol 3.0")
    with record(view.lab.wire, "downgrade") as recording:
        with enter(view, logins["hostssl", "scram"], "downgrade", sslmode="prefer", max_protocol_version="latest"):
            pass
    assert joined(only(recording), "client", "raw", "server").count(b"v\0\0\0") == 1


def test_a_door_has_one_recording_at_a_time_so_nobody_finds_another_s_session_on_the_tape(view: View) -> None:
    def session(mark: str) -> tuple[str, ...]:
        with record(view.lab.wire, "eavesdropper") as recording:
            with enter(view, view.shop, "eavesdropper", sslmode="disable") as link:
                link.execute(f"select '{mark}', pg_sleep(0.2)".encode())
        return loot(recording.connections).sql

    marks = [f"mark-{number}" for number in range(4)]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(session, marks))
    assert found == [(f"select '{mark}', pg_sleep(0.2)",) for mark in marks]
