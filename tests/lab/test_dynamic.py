"""Logins with a lease: made, renewed, revoked, over — and what an open session keeps."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from airlock.lab import View
from airlock.lab.dynamic import Dynamic, Lease
from airlock.lab.postgres import Session
from airlock.lab.provision import reset_view
from airlock.lab.warehouse import Warehouse
from tests.lab.test_renewal import served

pytestmark = pytest.mark.lab


def opened(view: View, ttl: str = "1m", *, end_sessions: bool = False) -> Dynamic:
    served(view)
    dynamic = Dynamic(view)
    dynamic.open(ttl=ttl, max_ttl="2m", end_sessions=end_sessions)
    return dynamic


def logins(view: View) -> set[str]:
    with Warehouse(view).admin() as session:
        return {str(name) for (name,) in session.execute("select rolname from pg_roles where rolcanlogin")}


def test_a_login_for_a_minute(view: View) -> None:
    dynamic = opened(view)
    lease = dynamic.credentials()
    assert lease.password not in repr(lease)
    assert (lease.seconds, lease.renewable, dynamic.leases()) == (60, True, [lease.id])
    with dynamic.connect(lease) as session:
        assert session.execute("select current_user").fetchall() == [(lease.user,)]
        assert session.execute("select count(*) from orders").fetchone() is not None
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("delete from orders")
    assert dynamic.credentials().user != lease.user
    assert dynamic.renew(lease, 90).seconds in (89, 90)
    assert 110 < dynamic.renew(lease, 3600).seconds <= 120  # no longer than max_ttl from the beginning
    dynamic.revoke(lease)
    assert lease.user not in logins(view)
    assert lease.id not in dynamic.leases()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        dynamic.connect(lease)
    with pytest.raises(ValueError, match="lease not found"):
        dynamic.renew(lease)


def test_an_open_session_keeps_what_is_open_and_no_rights(view: View) -> None:
    dynamic = opened(view)
    lease = dynamic.credentials()
    with dynamic.connect(lease) as session, session.transaction():
        session.execute("declare reading cursor for select * from orders")
        session.execute("fetch 1 from reading")
        dynamic.revoke(lease)
        assert len(session.execute("fetch all from reading").fetchall()) > 10
    with dynamic.connect(lease := dynamic.credentials()) as session:
        dynamic.revoke(lease)
        assert session.execute("select 1").fetchone() == (1,)
        with pytest.raises(psycopg.errors.UndefinedTable):  # it may not even see the schema
            session.execute("select * from orders")


def test_sessions_end_with_the_lease_when_the_rules_say_so(view: View) -> None:
    dynamic = opened(view, "8s", end_sessions=True)
    lease = dynamic.credentials()
    session = dynamic.connect(lease)
    while (answer := alive(session)) is None:  # pytest's own limit ends it
        assert dynamic.credentials().user != lease.user
        time.sleep(0.2)
    assert "administrator command" in answer
    assert lease.user not in logins(view)


def alive(session: Session) -> str | None:
    try:
        session.execute("select 1")
    except psycopg.errors.AdminShutdown as ended:
        return str(ended)
    return None


def test_nobody_knows_the_password_of_openbao_s_own_login(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airlock.lab.dynamic.secrets.token_hex", lambda _: "known")
    opened(view)
    login = Warehouse(view).login
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        Dynamic(view).connect(Lease("", f"vault_{view.prefix}", "known", 0, False))
    assert login.user in logins(view)


def test_openbao_verifies_the_warehouse(view: View) -> None:
    served(view)
    with pytest.raises(ValueError, match="certificate signed by unknown authority"):
        Dynamic(view).open(ca_file=view.lab.ca_file)
    with pytest.raises(ValueError, match="OpenBao refused"):
        Dynamic(view).open(ca_file=str(Path(view.lab.state) / "nothing.crt"))


def test_a_stopped_warehouse_and_a_reset_with_a_live_lease(view: View) -> None:
    dynamic = opened(view)
    lease = dynamic.credentials()
    Warehouse(view).stop()
    with pytest.raises(ValueError, match="connection refused"):
        dynamic.credentials()
    with pytest.raises(ValueError, match="OpenBao refused"):
        dynamic.revoke(lease)
    with pytest.raises(ValueError, match="does not run"):
        dynamic.open()
    reset_view(view)
    assert dynamic.leases() == []
    with pytest.raises(ValueError, match=r"lab\.dynamic\.open"):
        dynamic.credentials()
