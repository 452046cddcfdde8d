"""One connection on every path: the server and an eavesdropper both say what became of it, of the same session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection

from airlock.lab import Lab, Seed, View, environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.every_path import PATHS, walk
from airlock.lab.provision import close_view, open_view
from airlock.lab.warehouse import Warehouse
from airlock.pki import Authority
from tests.lab.test_warehouse import Trust

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def view(lab: Lab) -> Iterator[View]:
    mine = View(lab, Seed.random())
    open_view(mine)
    Warehouse(mine).start()
    yield mine
    close_view(mine)


@pytest.fixture(scope="module")
def mutual(view: View, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """libpq's settings for mutual TLS, which the warehouse demands from now on."""
    own, trust = Warehouse(view), Trust(Authority.root("an owner"), tmp_path_factory.mktemp("trust"))
    trust.install(own, "hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full")
    own.impostors(trust.root.identity.certificate_pem, trust.root.identity.key_pem)
    return trust.client(own.login.user)


def described(view: View, **extra: Any) -> dict[str, Any]:
    login = Warehouse(view).login
    where = {"host": login.host, "port": login.port, "login": login.user, "password": login.password}
    return {"conn_type": "postgres", **where, "schema": login.database, "extra": extra}


def connection(view: View, **extra: Any) -> Connection:
    value = described(view, **extra)
    return Connection(conn_id="any", **{**value, "extra": json.dumps(value["extra"])})


def test_with_both_places_set_every_path_is_mutual_tls(view: View, mutual: dict[str, str]) -> None:
    walks = walk(view, connection(view, **mutual, sqlalchemy_query=mutual))
    assert tuple(walks) == PATHS
    for each in walks.values():
        assert each.ok, each
        assert each.session
        assert (each.session.version, each.session.client_dn) == ("TLSv1.3", f"/CN={Warehouse(view).login.user}")
        assert (each.wire, each.same, each.loot.bytes_read) == ("TLS", True, 0)


def test_settings_for_one_place_leave_the_engine_in_clear(view: View, mutual: dict[str, str]) -> None:
    walks = walk(view, connection(view, **mutual), only=("get_conn", "sqlalchemy", "get_df"))
    assert {path: each.ok for path, each in walks.items()} == {"get_conn": True, "sqlalchemy": False, "get_df": False}
    for path in ("sqlalchemy", "get_df"):
        assert walks[path].reason.name in ("server's rule: no clear text", "server requires a client certificate")
        assert walks[path].loot.user == Warehouse(view).login.user


def test_an_impostor_is_told_from_the_server_in_the_dag_too(view: View, mutual: dict[str, str]) -> None:
    walks = walk(view, connection(view, **mutual), through="wrong-host", only=("get_conn", "run_dag"))
    assert {each.reason.name for each in walks.values()} == {"host name does not match"}


def test_a_connection_is_found_where_the_team_s_tasks_find_it(view: View, mutual: dict[str, str]) -> None:
    in_environment, in_airflow = f"{view.prefix}_env", f"{view.prefix}_row"
    value = described(view, **mutual)
    environment.set_connection(view, in_environment, json.dumps(value))
    row = {**value, "connection_id": in_airflow, "extra": json.dumps(value["extra"])}
    AirflowClient(view.lab).request("POST", "/api/v2/connections", {**row, "port": Warehouse(view).doors["mis-issued"]})
    assert walk(view, in_environment, only=("get_conn",))["get_conn"].ok
    through_its_own_door = walk(view, in_airflow, only=("get_conn",))["get_conn"]
    assert through_its_own_door.reason.name == "server requires a client certificate"


@pytest.mark.usefixtures("mutual")
def test_what_does_not_lead_there_is_told(view: View, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="neither your tasks' environment nor Airflow has"):
        walk(view, "nobody")
    with pytest.raises(ValueError, match="the warehouse is at"):
        walk(view, Connection(conn_id="x", conn_type="postgres", host="localhost", port=5432))
    with pytest.raises(ValueError, match="no path 'teleport'"):
        walk(view, connection(view), only=("teleport",))
    with pytest.raises(ValueError, match="no door 'attic' listens"):
        walk(view, connection(view), through="attic")
    missing = str(tmp_path / "none.crt")
    mistyped = walk(view, connection(view, sslmode="verify-full", sslrootcert=missing), only=("get_conn",))
    assert mistyped["get_conn"].reason.name == "root file missing", (mistyped, Warehouse(view).log()[-30:])
    misnamed = walk(view, connection(view, ssl_ca_cert=missing), only=("get_conn",))
    assert "invalid connection option" in misnamed["get_conn"].error
