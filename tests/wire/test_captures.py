"""The wire: what an eavesdropper gets of a plaintext link, and of a TLS link."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from airlock.lab import View
from airlock.lab.postgres import connect
from airlock.lab.services.wire import mitmdump
from airlock.wire.captures import record

pytestmark = pytest.mark.lab
ADDON = Path(__file__).resolve().parents[2] / "lab-env" / "wire" / "addon.py"


def through(view: View, door: str) -> View:
    return replace(view, lab=replace(view.lab, postgres=replace(view.lab.postgres, port=view.lab.wire.doors[door])))


def test_the_eavesdropper_reads_sql_and_rows_of_a_plaintext_link_but_not_the_password(view: View) -> None:
    with record(view.lab.wire, "eavesdropper") as recording:
        with connect(through(view, "eavesdropper").shop, sslmode="disable") as session:
            session.execute("select 'row-on-the-wire' as canary")
    assert b"select 'row-on-the-wire'" in recording.sent("client")
    assert b"row-on-the-wire" in recording.sent("server")
    assert view.shop.password.encode() not in recording.sent("client")  # SCRAM


def test_the_eavesdropper_reads_neither_of_a_tls_link(view: View) -> None:
    with record(view.lab.wire, "eavesdropper") as recording:
        login = through(view, "eavesdropper").shop
        with connect(login, ca_file=view.lab.ca_file) as session:
            assert session.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone() == (True,)
            session.execute("select 'row-on-the-wire' as canary")
    assert recording.messages
    assert b"row-on-the-wire" not in recording.sent("client") + recording.sent("server")


def test_the_clear_relay_keeps_no_notes(view: View) -> None:
    with record(view.lab.wire, "relay", patience=0.5) as recording:
        with connect(through(view, "relay").shop, sslmode="disable") as session:
            assert session.execute("select 1").fetchone() == (1,)
    assert recording.messages == []


def test_an_unknown_door_is_named(view: View) -> None:
    with pytest.raises(KeyError, match="no door 'attic'"), record(view.lab.wire, "attic"):
        pass


def test_a_recording_is_for_its_owner_only(view: View) -> None:
    with record(view.lab.wire, "eavesdropper"), connect(through(view, "eavesdropper").shop, sslmode="disable"):
        pass
    modes = {file.stat().st_mode & 0o777 for file in Path(view.lab.wire.captures).iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize("target", ["192.0.2.1:5432", "192.0.2.1:{billing}", "localhost:{airflow}"])
def test_the_wire_refuses_a_target_that_it_is_not_for(view: View, tmp_path: Path, target: str) -> None:
    lab = view.lab
    target = target.format(billing=lab.billing.port, airflow=lab.airflow.url.rpartition(":")[2])
    services = f"postgres={lab.postgres.port},billing-http={lab.billing.port},billing-https={lab.billing.tls_port}"
    done = subprocess.run(
        [mitmdump(), f"--mode=reverse:tcp://{target}@127.0.0.1:0", f"--set=confdir={tmp_path}", "-s", ADDON],
        env=os.environ
        | {"AIRLOCK_DOORS": "relay=1", "AIRLOCK_SERVICES": services}
        | dict.fromkeys(("AIRLOCK_CAPTURES", "AIRLOCK_CERTIFICATES", "AIRLOCK_WAREHOUSES"), str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert f"only relays to the lab's own servers, not to {target}" in done.stdout + done.stderr


def test_a_wrong_password_is_refused_through_the_wire_too(view: View) -> None:
    stranger = replace(through(view, "relay").shop, password="guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(stranger, sslmode="disable")
