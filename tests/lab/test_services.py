"""The lab practises what it teaches: each claim is asked of the running service."""

from __future__ import annotations

import socket
import ssl
import stat
from pathlib import Path

import httpx
import hvac
import hvac.exceptions
import psutil
import psycopg
import pytest

from airlock.lab import Lab, Seed, View, environment
from airlock.lab.airflow import AirflowClient, AirflowRefused
from airlock.lab.clients import http_client
from airlock.lab.description import secret
from airlock.lab.ground import Ground
from airlock.lab.lifecycle import status
from airlock.lab.ports import LOOPBACK
from airlock.lab.postgres import connect, connect_admin
from airlock.lab.provision import close_view, open_view, reset_view
from airlock.lab.vault import VaultClient

pytestmark = pytest.mark.lab


def shop_connection(view: View) -> dict[str, object]:
    shop = view.shop
    return {
        "connection_id": f"{view.prefix}_shop",
        "conn_type": "postgres",
        **{"host": shop.host, "port": shop.port, "schema": shop.database},
        **{"login": shop.user, "password": shop.password},
    }


def test_every_service_is_healthy(lab: Lab) -> None:
    lines = status(Ground(Path(lab.state)))
    unwell = {line.service.name: line.detail for line in lines if not line.ok and line.service.name != "jupyter"}
    assert len(lines) == 8
    assert unwell == {}


def test_everything_listens_on_loopback_only(lab: Lab) -> None:
    ports = Ground(Path(lab.state)).ports.values()
    listening = {c.laddr for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    ours = {address for address in listening if address.port in ports}
    assert len(ours) >= 6
    assert {address.ip for address in ours} == {LOOPBACK}


def test_secrets_and_keys_are_readable_by_their_owner_only(lab: Lab) -> None:
    state = Path(lab.state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    private = [*state.rglob("*.key"), *(state / "secrets").iterdir(), state / "lab.json", state / "airflow/airflow.cfg"]
    assert len(private) > 15
    assert {stat.S_IMODE(file.stat().st_mode) for file in private} == {0o600}


def test_lab_json_names_credential_files_and_holds_no_secret(lab: Lab) -> None:
    text = (Path(lab.state) / "lab.json").read_text()
    values = {file.read_text() for file in (Path(lab.state) / "secrets").iterdir() if file.name != "lab-id"}
    assert not [value for value in values if value in text]


@pytest.mark.parametrize("service", ["airflow", "vault", "aws"])
def test_every_http_service_speaks_verified_tls_only(lab: Lab, service: str) -> None:
    url = httpx.URL(getattr(lab, service).url)
    context = ssl.create_default_context(cafile=lab.ca_file)
    with socket.create_connection((LOOPBACK, url.port or 0)) as raw, context.wrap_socket(raw, server_hostname=url.host):
        pass
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(str(url), trust_env=False)
    try:
        answer = httpx.get(str(url.copy_with(scheme="http")), trust_env=False)
    except httpx.TransportError:
        return
    assert answer.status_code == 400  # "client sent an HTTP request to an HTTPS server"


def test_airflow_reaches_its_metadata_over_tls(lab: Lab) -> None:
    AirflowClient(lab).team_runs("nobody")
    with connect_admin(lab, "postgres") as session:
        rows = session.execute(
            "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'airflow'"
        ).fetchall()
    assert rows
    assert set(rows) == {(True,)}


def test_metadata_is_refused_without_tls(lab: Lab) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(
            host=lab.postgres.host, port=lab.postgres.port, dbname="airflow", user="airflow", sslmode="disable"
        )


def test_a_connection_is_encrypted_at_rest_and_readable_by_trusted_code(view: View) -> None:
    airflow = AirflowClient(view.lab)
    assert airflow.request("POST", "/api/v2/connections", shop_connection(view)).status_code == 201
    with connect_admin(view.lab, "airflow") as session:
        row = session.execute("select password from connection where conn_id = %s", [f"{view.prefix}_shop"]).fetchone()
    assert row is not None
    assert row[0].startswith("gAAAA")  # a Fernet token
    stored = airflow.stored_connection(f"{view.prefix}_shop")
    assert stored is not None
    assert stored["password"] == view.shop.password


def test_the_report_dag_reads_the_shop_and_writes_a_row(view: View) -> None:
    airflow = AirflowClient(view.lab)
    airflow.request("POST", "/api/v2/connections", shop_connection(view))
    states: list[str] = []
    conf = {"conn_id": f"{view.prefix}_shop", "team": view.prefix}
    run = airflow.run_dag("orders_report", conf, on_state=lambda state, _: states.append(state))
    assert run.state == "success", airflow.task_log("orders_report", run.run_id, "report")
    assert states[-1] == "success"
    with connect(view.shop, ca_file=view.lab.ca_file) as session:
        rows = session.execute("select orders from reports where run_id = %s", [run.run_id]).fetchall()
        count = session.execute("select count(*) from orders").fetchone()
    assert rows == [count]
    assert "read through the connection" in airflow.task_log("orders_report", run.run_id, "report")


def test_a_failing_run_says_why_in_its_log(view: View) -> None:
    airflow = AirflowClient(view.lab)
    run = airflow.run_dag("orders_report", {"conn_id": f"{view.prefix}_nobody", "team": view.prefix})
    assert run.state == "failed"
    assert "isn't defined" in airflow.task_log("orders_report", run.run_id, "report")


def test_an_unknown_dag_is_refused_in_airflow_s_words(lab: Lab) -> None:
    with pytest.raises(AirflowRefused, match="404"):
        AirflowClient(lab).run_dag("no_such_dag")


def test_the_search_order_is_backend_then_environment_then_metadata(view: View) -> None:
    airflow, vault, conn_id = AirflowClient(view.lab), VaultClient(view.lab), f"{view.prefix}_who"

    def answer() -> object:
        run = airflow.run_dag("which_home", {"conn_id": conn_id, "team": view.prefix})
        return airflow.xcom("which_home", run.run_id, "look_up")

    row = {"connection_id": conn_id, "conn_type": "postgres", "host": "metadata"}
    assert airflow.request("POST", "/api/v2/connections", row).status_code == 201
    assert answer() == "metadata"
    environment.set_connection(view, conn_id, '{"conn_type": "postgres", "host": "environment"}')
    assert answer() == "environment"
    vault.put_connection(conn_id, {"conn_type": "postgres", "host": "backend"})
    assert answer() == "backend"
    vault.delete_connection(conn_id)
    environment.unset_connection(view, conn_id)
    assert answer() == "metadata"


def test_airflow_s_own_token_can_read_connections_and_nothing_else(lab: Lab) -> None:
    ground = Ground(Path(lab.state))
    client = hvac.Client(url=lab.vault.url, verify=lab.ca_file)
    client.session.trust_env = False
    client.auth.approle.login(ground.secret("openbao-role-id"), ground.secret("openbao-secret-id"))
    with pytest.raises(hvac.exceptions.Forbidden):
        client.sys.list_mounted_secrets_engines()
    with pytest.raises(hvac.exceptions.Forbidden):
        client.secrets.kv.v2.create_or_update_secret("connections/x", secret={"a": "b"}, mount_point="airflow")


def test_the_audit_log_records_a_read_without_its_secret(view: View) -> None:
    vault = VaultClient(view.lab)
    vault.put_connection(f"{view.prefix}_audited", {"password": "canary-in-vault"})
    assert vault.get_connection(f"{view.prefix}_audited") == {"password": "canary-in-vault"}
    log = Path(view.lab.vault.audit_log).read_text()
    assert f"connections/{view.prefix}_audited" in log
    assert "canary-in-vault" not in log


def test_aws_keeps_and_returns_a_secret(lab: Lab) -> None:
    import boto3

    client = boto3.client(
        "secretsmanager",
        endpoint_url=lab.aws.url,
        region_name=lab.aws.region,
        aws_access_key_id="lab",
        aws_secret_access_key="lab",
        verify=lab.ca_file,
    )
    name = f"airflow/connections/{Seed.random().prefix}"
    client.create_secret(Name=name, SecretString="postgres://x")
    assert client.get_secret_value(SecretId=name)["SecretString"] == "postgres://x"


def test_two_learners_never_meet(lab: Lab, view: View) -> None:
    other = View(lab, Seed.random())
    open_view(other)
    try:
        assert view.shop.password != other.shop.password
        stranger = psycopg.conninfo.make_conninfo(
            host=other.shop.host,
            port=other.shop.port,
            dbname=other.database,
            user=view.shop.user,
            password=view.shop.password,
        )
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(stranger)
    finally:
        close_view(other)


def test_the_awkward_password_really_logs_in(view: View) -> None:
    assert all(character in view.courier.password for character in "@/:#?% ")
    with connect(view.courier, ca_file=view.lab.ca_file) as session:
        assert session.execute("select current_user").fetchone() == (view.courier.user,)


def test_reset_puts_everything_of_the_view_back_and_nothing_of_others(lab: Lab, view: View) -> None:
    airflow, vault = AirflowClient(lab), VaultClient(lab)
    neighbour = View(lab, Seed.random())
    open_view(neighbour)
    for each in (view, neighbour):
        airflow.request("POST", "/api/v2/connections", shop_connection(each))
        vault.put_connection(f"{each.prefix}_x", {"host": "h"})
        environment.set_connection(each, f"{each.prefix}_x", "postgres://h")
    with connect(view.shop, ca_file=lab.ca_file) as session:
        session.execute("insert into reports values ('r', 'c', 1, 1)")
    reset_view(view)
    try:
        with connect(view.shop, ca_file=lab.ca_file) as session:
            assert session.execute("select count(*) from reports").fetchone() == (0,)
        assert airflow.stored_connection(f"{view.prefix}_shop") is None
        assert vault.get_connection(f"{view.prefix}_x") is None
        assert environment.connections(view) == {}
        assert airflow.stored_connection(f"{neighbour.prefix}_shop") is not None
        assert vault.get_connection(f"{neighbour.prefix}_x") == {"host": "h"}
        assert environment.connections(neighbour)
    finally:
        close_view(neighbour)


def test_an_environment_value_cannot_smuggle_a_second_line(view: View) -> None:
    with pytest.raises(ValueError, match="one line"):
        environment.set_connection(view, "x", "postgres://a\nLD_PRELOAD=/tmp/evil.so")


def test_the_api_asks_for_a_token(lab: Lab) -> None:
    with http_client(lab.ca_file) as client:
        assert client.get(f"{lab.airflow.url}/api/v2/connections").status_code == 401
    assert len(secret(lab.airflow.password_file)) >= 32
