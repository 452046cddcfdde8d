"""Short-lived certificates: asked of OpenBao, installed by a DAG of the running Airflow, unnoticed by clients."""

from __future__ import annotations

import shutil
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from airlock.lab import Lab, LabDown, Seed, View, alerts, outage, renewal
from airlock.lab.airflow import AirflowClient, DagRun
from airlock.lab.audit import audit
from airlock.lab.callers import callers
from airlock.lab.greeting import certificate_of
from airlock.lab.pki_engine import PkiEngine, sign
from airlock.lab.provision import close_view, open_view
from airlock.lab.vault import client
from airlock.lab.warehouse import Warehouse
from airlock.lab.warehouse.place import Place

pytestmark = pytest.mark.lab


def served(view: View, ttl: str = "10m") -> tuple[PkiEngine, Warehouse]:
    """A warehouse with a certificate of the team's PKI, TLS only."""
    pki, warehouse = PkiEngine(view), Warehouse(view)
    warehouse.start()
    pki.open(ttl)
    issued = pki.issue()
    warehouse.install(certificate=issued.certificate, key=issued.key)
    warehouse.configure(ssl="on")
    warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
    warehouse.reload()
    return pki, warehouse


def renew(view: View, **conf: Any) -> tuple[DagRun, str]:
    """A run of the DAG, and the log of its task."""
    airflow = AirflowClient(view.lab)
    run = airflow.run_dag("renew_certificate", {"team": view.prefix, **conf}, timeout=120)
    return run, airflow.task_log("renew_certificate", run.run_id, "renew")


def shown(view: View, ca_file: str | None = None) -> str:
    return f"{certificate_of('localhost', Warehouse(view).port, ca_file, 'postgres').serial_number:x}"


def test_three_renewals_under_load_fail_nobody(view: View) -> None:
    served(view)
    first = shown(view)
    with callers(view) as seen:
        serials = []
        for _ in range(3):
            run, log = renew(view)
            assert run.state == "success", log
            serials.append(AirflowClient(view.lab).xcom("renew_certificate", run.run_id, "renew")["serial"])
            assert shown(view, PkiEngine(view).ca_file) == serials[-1]
    assert seen.failed == []
    assert seen.good > 20
    assert seen.serials == [first, *serials]
    kept = {folder.name for folder in (Warehouse(view).folder / "renewed").iterdir()}
    assert kept == set(serials[-2:])
    assert alerts.alerts(view) == []


def test_callers_notice_a_certificate_that_nobody_renews(view: View) -> None:
    pki, warehouse = served(view)
    issued = pki.issue(ttl="12s")  # by then a busy machine has reloaded and called once
    warehouse.install(certificate=issued.certificate, key=issued.key)
    warehouse.reload()
    with callers(view, 1) as seen:
        time.sleep(max(0.0, issued.ends - time.time()))
        while not seen.failed:  # pytest's own limit ends it
            time.sleep(0.1)
    assert seen.good
    assert seen.serials == [f"{issued.serial:x}"]
    assert "certificate verify failed" in seen.failed[0]["why"]
    assert seen.failed[0]["at"] > issued.ends - 1
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        shown(view, pki.ca_file)


def test_the_role_decides_what_may_be_asked_for(view: View) -> None:
    pki = PkiEngine(view)
    for early in (lambda: pki.ca, pki.issue, pki.rules):
        with pytest.raises(ValueError, match="OpenBao refused"):
            early()
    pki.open("90s")
    assert pki.rules()["allowed_domains"] == ["localhost"]
    assert pki.issue(ttl="24h").ends - pki.issue().begins < 200
    for wrong in ("evil.example", "127.0.0.1", "sub.localhost", "*.localhost"):
        with pytest.raises(ValueError, match="not allowed by this role"):
            pki.issue(wrong)
    with pytest.raises(ValueError, match="unknown role"):
        pki.issue(role="nobody")
    assert "PRIVATE KEY" not in repr(pki.issue())


def test_the_renewer_may_ask_for_its_certificate_and_for_nothing_else(lab: Lab, view: View) -> None:
    pki = PkiEngine(view)
    pki.open()
    admin, name = pki._admin, f"{view.prefix}-renewer"
    renewer = client(lab)
    renewer.auth.approle.login(
        admin.auth.approle.read_role_id(name)["data"]["role_id"],
        admin.auth.approle.generate_secret_id(name)["data"]["secret_id"],
    )
    assert sign(renewer, pki.mount, "localhost").serial
    assert "sign" in audit(view)[-1].path
    assert audit(view)[-1].role == name
    with pytest.raises(ValueError, match="permission denied"):
        sign(renewer, pki.mount, "localhost", role="other")
    with pytest.raises(Exception, match="permission denied"):
        renewer.secrets.pki.create_or_update_role("warehouse", {"allow_any_name": True}, mount_point=pki.mount)


def test_a_refused_request_changes_nothing_and_alerts(view: View) -> None:
    served(view)
    before, why = shown(view), "not allowed by this role"
    run, log = renew(view, name="evil.example")
    assert run.state == "failed"
    assert why in log
    assert shown(view) == before
    (alert,) = alerts.alerts(view)
    assert (alert.dag, alert.run_id) == ("renew_certificate", run.run_id)
    assert why in alert.text


@pytest.mark.parametrize(
    ("rehearse", "why"), [(True, "nothing was installed"), (False, "rolled back to the old certificate")]
)
def test_clients_that_would_refuse_it_never_lose_the_old_certificate(view: View, rehearse: bool, why: str) -> None:
    _, warehouse = served(view)
    before = shown(view)
    shutil.copy(view.lab.ca_file, warehouse.folder / "clients.pem")
    run, log = renew(view, trust="clients.pem", rehearse=rehearse)
    assert run.state == "failed"
    assert why in log
    assert shown(view, PkiEngine(view).ca_file) == before
    assert why in alerts.alerts(view)[-1].text
    assert renew(view)[0].state == "success"


def test_a_server_that_is_stopped_or_has_tls_off_keeps_its_files(view: View) -> None:
    pki, warehouse = served(view)
    before = (warehouse.folder / "server.crt").read_text()
    warehouse.configure(ssl="off")
    warehouse.reload()
    assert "ssl is off" in renew(view)[1]
    warehouse.stop()
    assert "does not run" in renew(view)[1]
    assert (warehouse.folder / "server.crt").read_text() == before
    warehouse.configure(ssl="on")
    warehouse.start()
    assert shown(view, pki.ca_file)


def test_a_renewal_cut_short_leaves_a_pair_that_fits(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    pki, warehouse = served(view)
    place, trust = Place(view.lab, view.prefix), Path(pki.ca_file)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for step in ("rehearse", "_switch", "reload", "shown_by", "_forget"):
        with monkeypatch.context() as patched:
            patched.setattr(renewal, step, killed)
            with pytest.raises(KeyboardInterrupt):
                renewal.renew(place, pki.issue(), trust, print)
        assert warehouse.restart() == []
        assert shown(view, pki.ca_file)
    issued = pki.issue()
    renewal.renew(place, issued, trust, print)
    assert shown(view, pki.ca_file) == f"{issued.serial:x}"
    assert len(list((warehouse.folder / "renewed").iterdir())) == 2


def test_an_expired_certificate_that_is_still_shown_for_a_moment_is_no_failure(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    pki, warehouse = served(view)
    place, trust = Place(view.lab, view.prefix), Path(pki.ca_file)
    short = pki.issue(ttl="1s")
    warehouse.install(certificate=short.certificate, key=short.key)
    warehouse.reload()
    time.sleep(max(0.0, short.ends - time.time() + 0.5))
    reload = renewal.reload

    def late(place: Place) -> None:  # a busy machine
        Timer(1.0, reload, (place,)).start()

    monkeypatch.setattr(renewal, "reload", late)
    issued = pki.issue()
    assert renewal.renew(place, issued, trust, print) == short.serial
    assert shown(view, pki.ca_file) == f"{issued.serial:x}"


def test_what_its_owner_installs_by_hand_is_renewed_again(view: View) -> None:
    pki, warehouse = served(view)
    place, trust = Place(view.lab, view.prefix), Path(pki.ca_file)
    renewal.renew(place, pki.issue(), trust, print)
    by_hand = pki.issue()
    warehouse.install(certificate=by_hand.certificate, key=by_hand.key)
    warehouse.reload()
    assert shown(view) == f"{by_hand.serial:x}"
    assert renewal.renew(place, pki.issue(), trust, print) == by_hand.serial
    with pytest.raises(renewal.RenewalFailed, match="the rehearsal failed"):
        renewal.renew(place, pki.issue(), Path(view.lab.ca_file), print)


def test_a_warehouse_without_a_certificate_is_not_this_dag_s_business(view: View) -> None:
    Warehouse(view).start()
    PkiEngine(view).open()
    run, log = renew(view)
    assert run.state == "failed"
    assert "has no certificate yet" in log


def test_a_sealed_vault_is_said_in_one_sentence(view: View) -> None:
    pki, _ = served(view)
    with outage.sealed(view.lab), pytest.raises(LabDown, match="sealed"):
        pki.issue()
    assert pki.issue().serial


def test_two_teams_renew_at_once_and_reset_takes_it_all_away(lab: Lab, view: View) -> None:
    other = View(lab, Seed.random())
    open_view(other)
    try:
        for each in (view, other):
            served(each)
        before = {each.prefix: shown(each) for each in (view, other)}
        with ThreadPoolExecutor(2) as pool:
            assert [run.state for run, _ in pool.map(renew, (view, other))] == ["success", "success"]
        assert all(shown(each, PkiEngine(each).ca_file) != before[each.prefix] for each in (view, other))
        with pytest.raises(ssl.SSLCertVerificationError):
            shown(view, PkiEngine(other).ca_file)
        with pytest.raises(ValueError, match="permission denied"):
            sign(PkiEngine(view)._admin, PkiEngine(other).mount, "localhost")
    finally:
        close_view(other)
    assert shown(view)
    with pytest.raises(ValueError, match="OpenBao refused"):
        PkiEngine(other).ca  # noqa: B018
    assert not Path(PkiEngine(other).ca_file).exists()
