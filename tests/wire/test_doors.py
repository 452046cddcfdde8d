"""The attackers on the lab's wire, for real: the table of `airlock.wire.matrix`, and what a table cannot say."""

from __future__ import annotations

import json
import os
import random
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from airlock.lab import View
from airlock.lab.postgres import connect_admin
from airlock.lab.rules import GROUPS, make_groups, ruled_logins
from airlock.wire import matrix
from airlock.wire.captures import record
from airlock.wire.loot import loot
from airlock.wire.matrix import Authentication, ServerRule
from tests.conftest import airlock
from tests.wire.clients import Logins, enter, only

pytestmark = pytest.mark.lab
FORGED = {
    "self-signed": "verify-full",
    "wrong-host": "verify-full",
    "expired": "verify-ca",
    "not-yet-valid": "verify-ca",
}


def test_every_client_in_every_situation_fares_as_the_table_says(view: View, logins: Logins) -> None:
    scram = {key: login for key, login in logins.items() if key[1] == "scram"}
    results = matrix.run(view.lab.wire, scram, view.lab.ca_file)
    assert len(results) == 9 * 7 * 2
    assert [
        (r.client, r.situation, r.server_rule, r.outcome, r.error) for r in results if r.outcome != r.expected
    ] == []
    for result in results:
        assert bool(result.error) == (result.outcome == "refused"), result
        if result.outcome == "read":
            assert result.loot.sql == (matrix.QUERY,)
            assert len(result.loot.rows) == 3
            assert result.loot.user == scram[result.server_rule, "scram"].user
            assert len(result.loot.scram) >= 4
        assert result.loot.password == ""


@pytest.mark.parametrize("authentication", ["md5", "password", "scram"])
def test_what_a_relaying_attacker_gets_of_each_authentication(
    view: View, logins: Logins, authentication: Authentication
) -> None:
    login = logins["hostssl", authentication]
    with record(view.lab.wire, "downgrade") as recording, enter(view, login, "downgrade", sslmode="prefer") as session:
        assert session.execute("select 7").fetchone() == (7,)
    found = loot(recording.connections)
    assert found.rows == (("7",),)
    assert found.password == (login.password if authentication == "password" else "")
    assert found.hash.startswith("md5") == (authentication == "md5")
    assert len(found.scram) == (4 if authentication == "scram" else 0)


@pytest.mark.parametrize("rule", ["host", "hostssl"])
@pytest.mark.parametrize("authentication", ["md5", "password", "scram"])
@pytest.mark.parametrize(("door", "sslmode"), [("cleartext", "prefer"), ("cleartext-forged", "require")])
def test_a_client_that_is_asked_for_its_password_in_clear_sends_it(
    view: View, logins: Logins, rule: ServerRule, authentication: Authentication, door: str, sslmode: str
) -> None:
    login = logins[rule, authentication]
    with record(view.lab.wire, door) as recording:
        with enter(view, login, door, sslmode=sslmode, sslrootcert="none") as session:
            assert session.execute("select 7").fetchone() == (7,)
    found = loot(recording.connections)
    assert (found.user, found.password, found.rows) == (login.user, login.password, (("7",),))


def test_a_client_that_insists_on_scram_does_not(view: View, logins: Logins) -> None:
    login = logins["host", "scram"]
    with record(view.lab.wire, "cleartext") as recording:
        with pytest.raises(psycopg.OperationalError, match="server requested a cleartext password"):
            enter(view, login, "cleartext", sslmode="prefer", require_auth="scram-sha-256")
    assert loot(recording.connections).password == ""


def test_an_awkward_password_passes_and_a_wrong_one_is_refused_in_the_servers_words(view: View) -> None:
    with enter(view, view.courier, "cleartext", sslmode="disable") as session:
        assert session.execute("select current_user").fetchone() == (view.courier.user,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        enter(view, replace(view.shop, password="guess"), "cleartext", sslmode="disable")


@pytest.mark.parametrize(("door", "sslmode"), FORGED.items())
def test_a_verifying_client_says_why_it_refuses(view: View, door: str, sslmode: str) -> None:
    words = "does not match host name" if door == "wrong-host" else "certificate verify failed"
    with record(view.lab.wire, door) as recording, pytest.raises(psycopg.OperationalError, match=words):
        enter(view, view.shop, door, sslmode=sslmode)
    # Names are compared after the handshake; all else ends it, and the door hears the alert.
    assert ("client" in only(recording).failed) == (door != "wrong-host")
    assert loot(recording.connections).user == ""


def test_direct_tls_cannot_be_downgraded_but_can_be_forged(view: View) -> None:
    with pytest.raises(psycopg.OperationalError):
        enter(view, view.shop, "downgrade", sslmode="require", sslnegotiation="direct", sslrootcert="none")
    with record(view.lab.wire, "mis-issued") as recording:
        with enter(view, view.shop, "mis-issued", sslnegotiation="direct") as session:
            session.execute("select 'canary'")
    assert loot(recording.connections).rows == (("canary",),)
    assert only(recording).chunks()[0].data[0] == 0x16


def test_a_session_through_a_forged_door_can_be_cancelled_and_carries_much(view: View) -> None:
    with enter(view, view.shop, "mis-issued") as session:
        with ThreadPoolExecutor(1) as pool:
            sleeping = pool.submit(session.execute, "select pg_sleep(60)")
            while not sleeping.done():
                session.cancel_safe(timeout=10)
                try:
                    sleeping.result(timeout=0.1)
                except TimeoutError:
                    continue
                except psycopg.errors.QueryCanceled:
                    break
        with (
            session.cursor() as cursor,
            cursor.copy("copy (select repeat('x', 1000) from generate_series(1, 5000)) to stdout") as copy,
        ):
            assert sum(len(block) for block in copy) == 5000 * 1001


def test_requests_for_other_encryption_are_declined(view: View) -> None:
    with socket.create_connection(("127.0.0.1", view.lab.wire.doors["mis-issued"]), timeout=5) as client:
        client.sendall(struct.pack("!II", 8, 80877104))
        assert client.recv(1) == b"N"
        client.sendall(struct.pack("!II", 8, 80877103))
        assert client.recv(1) == b"S"


@pytest.mark.parametrize("door", ["cleartext", "mis-issued"])
def test_what_is_no_postgresql_is_hung_up_on(view: View, door: str) -> None:
    with record(view.lab.wire, door) as recording:
        with socket.create_connection(("127.0.0.1", view.lab.wire.doors[door]), timeout=5) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert client.recv(1) == b""
    assert "start-up" in only(recording).failed["client"]


def test_noise_at_any_door_is_not_the_wires_end(view: View) -> None:
    log = Path(view.lab.state) / "logs" / "wire.log"
    said = len(log.read_text())  # another test of this lab may have made it complain before
    dice = random.Random(5)
    startup = struct.pack("!II", 20, 196608) + b"user\0app\0\0\0"
    beginnings = (b"", struct.pack("!II", 8, 80877103), startup, b"\x16\x03\x01\x00\x20\x01", startup + b"p\0\0\0")
    for door in view.lab.wire.doors.values():
        for beginning in beginnings:
            with socket.create_connection(("127.0.0.1", door), timeout=5) as client:
                client.sendall(beginning + dice.randbytes(60))
    for door in ("relay", "mis-issued"):
        with enter(view, view.shop, door) as session:
            assert session.execute("select 7").fetchone() == (7,)
    assert "Traceback" not in log.read_text()[said:]


def test_certificates_differ_from_the_real_one_in_one_thing_and_keys_are_their_owners(view: View) -> None:
    folder = Path(view.lab.state) / "wire" / "certificates"
    authority = x509.load_pem_x509_certificate(Path(view.lab.ca_file).read_bytes())
    stolen = x509.load_pem_x509_certificate((folder / "stolen-key.crt").read_bytes())
    served = x509.load_pem_x509_certificate((Path(view.lab.state) / "postgres" / "server.crt").read_bytes())
    assert stolen == served
    stolen_too = x509.load_pem_x509_certificate((folder / "http-stolen-key.crt").read_bytes())
    served = x509.load_pem_x509_certificate((Path(view.lab.state) / "billing" / "server.crt").read_bytes())
    assert stolen_too == served
    for name in ("self-signed", "wrong-host", "expired", "not-yet-valid", "mis-issued"):
        leaf = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
        assert key.public_key() == leaf.public_key()
        assert leaf.public_key() not in (stolen.public_key(), stolen_too.public_key())
        assert (leaf.issuer == authority.subject) == (name != "self-signed")
    assert {os.stat(key).st_mode & 0o777 for key in folder.glob("*.key")} == {0o600}


def test_logins_by_rule_leave_nothing_behind_and_groups_are_made_once(view: View) -> None:
    with ruled_logins(view) as logins:
        names = {login.user for login in logins.values()}
        assert len(names) == 6
    make_groups(view.lab)
    with connect_admin(view.lab, "postgres") as session:
        left = {name for (name,) in session.execute("select rolname from pg_roles").fetchall()}
    assert left.isdisjoint(names)
    assert left >= set(GROUPS)


def test_the_command_prints_and_exports_the_matrix(view: View, tmp_path: Path) -> None:
    file = tmp_path / "matrix.json"
    done = airlock("matrix", "--json", str(file), state=Path(view.lab.state), AIRLOCK_SEED=view.seed.hex)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verify-full+binding" in done.stdout
    results = json.loads(file.read_text())
    assert {"client", "situation", "server_rule", "authentication", "outcome", "loot", "error"} == set(results[0])
    assert {result["outcome"] for result in results} == {"read", "safe", "refused"}
