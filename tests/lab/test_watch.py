"""The watch: what it finds, and the alert that Airflow's own notifier sends to the lab's inbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hvac.exceptions
import psycopg
import pytest

from airlock.lab import Lab, Seed, View, alerts
from airlock.lab.airflow import AirflowClient
from airlock.lab.clients import http_client
from airlock.lab.pki_engine import PkiEngine
from airlock.lab.provision import close_view, open_view
from airlock.lab.vault import client
from airlock.lab.warehouse import Warehouse
from airlock.lab.watch import Watch
from tests.lab.test_renewal import renew, served

pytestmark = pytest.mark.lab


@pytest.fixture
def other_view(lab: Lab) -> Iterator[View]:
    other = View(lab, Seed.random())
    open_view(other)
    yield other
    close_view(other)


def keep_watch(view: View, **conf: Any) -> str:
    airflow = AirflowClient(view.lab)
    run = airflow.run_dag("keep_watch", {"team": view.prefix, **conf}, timeout=120)
    return run.state


def kinds(view: View, since: float) -> set[tuple[str, str]]:
    (alert,) = alerts.alerts(view, since)
    return {(finding["kind"], finding["where"]) for finding in alert.findings}


def test_nothing_to_report_is_a_success_and_no_alert(view: View) -> None:
    served(view)
    Watch(view).open()
    assert keep_watch(view) == "success"
    assert alerts.alerts(view) == []


def test_every_kind_of_fault_is_in_the_alert(view: View) -> None:
    _, warehouse = served(view)
    Watch(view).open()
    begin, login = time.time(), warehouse.login
    warehouse.rules(
        "hostssl all all 127.0.0.1/32 scram-sha-256", f"hostnossl all {login.user} 127.0.0.1/32 scram-sha-256"
    )
    warehouse.reload()
    where = {"host": login.host, "port": login.port, "dbname": login.database, "user": login.user}
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            psycopg.connect(**where, sslmode="verify-full", sslrootcert=view.lab.ca_file)  # type: ignore[arg-type]
    refused_read(view)
    in_clear = psycopg.connect(**where, password=login.password, sslmode="disable", application_name="old job")  # type: ignore[arg-type]
    try:
        assert keep_watch(view, since=begin, warn=0.999) == "failed"
    finally:
        in_clear.close()
    (alert,) = alerts.alerts(view, begin)
    found = {(finding["kind"], finding["what"]): finding["count"] for finding in alert.findings}
    assert found["plain-session", f"{login.user} (old job) is connected in clear"] == 1
    assert any(kind == "plain-session" and "logged in in clear" in what for kind, what in found)
    assert found["tls-failure", "tlsv1 alert unknown ca"] == 2
    assert found["refused-read", f"OpenBao refused it to {view.prefix}-renewer"] == 1
    assert any(kind == "expiring" for kind, _ in found)
    assert all(str(what) in alert.text for _, what in found)


def refused_read(view: View) -> None:
    admin, name, renewer = PkiEngine(view)._admin, f"{view.prefix}-renewer", client(view.lab)
    renewer.auth.approle.login(
        admin.auth.approle.read_role_id(name)["data"]["role_id"],
        admin.auth.approle.generate_secret_id(name)["data"]["secret_id"],
    )
    with pytest.raises(hvac.exceptions.Forbidden):
        renewer.read(f"{view.prefix}/data/connections/shop")


def test_an_expired_certificate_blinds_the_watch_and_it_says_so(view: View) -> None:
    pki, warehouse = served(view)
    Watch(view).open()
    issued = pki.issue(ttl="1s")
    warehouse.install(certificate=issued.certificate, key=issued.key)
    warehouse.reload()
    time.sleep(max(0.0, issued.ends - time.time() + 0.5))
    begin = time.time()
    assert keep_watch(view, since=begin) == "failed"
    assert {("unreachable", "warehouse"), ("expiring", "warehouse")} <= kinds(view, begin)
    run, log = renew(view)
    assert run.state == "success", log
    assert keep_watch(view, since=time.time()) == "success"


def test_one_team_s_faults_wake_nobody_else(view: View, other_view: View) -> None:
    for each in (view, other_view):
        served(each)
        Watch(each).open()
    begin = time.time()
    refused_read(view)
    assert keep_watch(other_view, since=begin) == "success"
    assert keep_watch(view, since=begin) == "failed"
    assert alerts.alerts(other_view) == []


def test_the_inbox_wants_tls_a_login_and_an_object(lab: Lab, view: View) -> None:
    login, https = (view.shop.user, view.shop.password), f"{lab.billing.https}/alerts"
    with http_client(lab.ca_file) as session:
        assert session.post(f"{lab.billing.http}/alerts", json={}, auth=login).status_code == httpx.codes.FORBIDDEN
        assert session.post(https, json={}).status_code == httpx.codes.UNAUTHORIZED
        assert session.post(https, json={}, auth=(login[0], "wrong")).status_code == httpx.codes.UNAUTHORIZED
        assert session.post(https, json=[], auth=login).status_code == httpx.codes.BAD_REQUEST
        assert session.post(https, content=b"x", auth=login).status_code == httpx.codes.BAD_REQUEST
        big = session.post(https, content=b"x" * 100_000, auth=login)
        assert big.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
        assert session.post(https, json={"text": "hello", "team": "other"}, auth=login).status_code == 201
    assert [alert.text for alert in alerts.alerts(view)] == ["hello"]
    file = Path(lab.state) / "alerts" / f"{view.prefix}.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    assert not Warehouse(view).status().running
