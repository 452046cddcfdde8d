"""HTTP through the doors of the wire, for real: the table of `matrix_http`, and what a table cannot say."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from airlock.lab import Lab, Seed, View
from airlock.lab.clients import http_client
from airlock.lab.provision import close_view, open_view
from airlock.wire import decode, matrix_http
from airlock.wire.captures import Connection, record
from airlock.wire.loot import loot
from tests.conftest import airlock
from tests.wire.clients import joined, only

pytestmark = pytest.mark.lab
DOORS = ["http-eavesdropper", *(f"http-{name}" for name in matrix_http.SITUATIONS if name != "passive")]
FORGED = [door for door in DOORS if door not in ("http-eavesdropper", "http-strip")]
HEAD = b"Host: localhost\r\nAuthorization: Bearer none\r\n"


@pytest.fixture(scope="module")
def view(lab: Lab) -> Iterator[View]:
    """One learner for the whole module: nothing here changes the shop."""
    mine = View(lab, Seed.random())
    open_view(mine)
    yield mine
    close_view(mine)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


def invoices(view: View, session: requests.Session, url: str, **options: Any) -> Any:
    """Asks, and lets go of the connection: an answer that is kept keeps it open."""
    auth = (view.shop.user, view.shop.password)
    answer = session.get(f"{url}/invoices?limit=2", auth=auth, timeout=10, headers={"Connection": "close"}, **options)
    answer.raise_for_status()
    return answer.json()


def raw(door: int, *pieces: bytes) -> bytes:
    """Say something to a door in pieces; all that it answers until it hangs up."""
    with socket.create_connection(("127.0.0.1", door), timeout=10) as client:
        for piece in pieces:
            client.sendall(piece)
        return b"".join(iter(lambda: client.recv(65536), b""))


def requests_in(connection: Connection) -> list[str]:
    return list(loot([connection]).requests)


def test_every_client_in_every_situation_fares_as_the_table_says(view: View) -> None:
    results = matrix_http.run(view.lab.wire, view.shop, view.lab.ca_file)
    assert len(results) == 4 * 8
    assert [(r.client, r.situation, r.outcome, r.error) for r in results if r.outcome != r.expected] == []
    for result in results:
        assert bool(result.error) == (result.outcome == "refused"), result
        if result.outcome == "read":
            assert (result.loot.user, result.loot.password) == (view.shop.user, view.shop.password)
            assert result.loot.requests == (f"GET {matrix_http.PATH}",)
            assert len(json.loads(result.loot.answers[0])["invoices"]) == 3
        else:
            assert result.loot.bytes_read == 0


@pytest.mark.parametrize("situation", ["passive", "strip", "self-signed"])
@pytest.mark.parametrize("client", matrix_http.CLIENTS)
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_httphook_fares_as_the_client_of_the_table(
    view: View, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: str, situation: str
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    from airflow.providers.http.hooks.http import HttpHook

    settings = {name: view.lab.ca_file if v == "<ca>" else v for name, v in matrix_http.CLIENTS[client].items()}
    with record(view.lab.wire, "http-eavesdropper" if situation == "passive" else f"http-{situation}") as recording:
        fields = {"conn_type": "http", "host": "localhost", "port": recording.port, "schema": settings.pop("schema")}
        fields |= {"login": view.shop.user, "password": view.shop.password, "extra": settings}
        monkeypatch.setenv("AIRFLOW_CONN_BILLING", json.dumps(fields))
        try:
            got_in = bool(HttpHook(method="GET", http_conn_id="billing").run("invoices").json()["invoices"])
        except requests.RequestException:
            got_in = False
    read = loot(recording.connections).password == view.shop.password
    assert ("read" if read else "safe" if got_in else "refused") == matrix_http.expected(client, situation)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_every_door_serves_a_client_in_clear_and_over_tls(
    view: View, session: requests.Session, door: str, scheme: str
) -> None:
    billing = view.lab.billing
    with record(view.lab.wire, door) as recording:
        answer = invoices(view, session, f"{scheme}://localhost:{recording.port}", verify=False)
    assert answer["next"].startswith(f"{scheme}://localhost:{recording.port}/")  # the service's own word, or stripped
    connection = only(recording)
    assert connection.ended
    assert connection.passive == (door == "http-eavesdropper")
    (server,) = [peer[1] for _, peer in connection.servers]
    assert server == (billing.tls_port if scheme == "https" or door == "http-strip" else billing.port)
    secret = b"customer"
    for leg in ("client", "server"):
        on_the_link = joined(connection, leg, "raw", "server")
        in_clear = scheme == "http" and not (door == "http-strip" and leg == "server")
        assert (secret in on_the_link) == in_clear, leg
    if scheme == "https" and door in FORGED:
        assert connection.tls["client"]["alpn"] == "http/1.1"
        for leg in ("client", "server"):
            assert connection.tls[leg]["version"] == "TLSv1.3"
            assert any(line.startswith("CLIENT_TRAFFIC_SECRET_0") for line in connection.keys[leg])
            for sender in ("client", "server"):
                assert joined(connection, leg, "clear", sender)


def test_a_stripped_client_is_told_nothing_of_tls_and_the_service_believes_in_it(
    view: View, session: requests.Session
) -> None:
    with record(view.lab.wire, "http-strip") as recording:
        base = f"http://localhost:{recording.port}"
        elsewhere = session.get(f"{base}/", allow_redirects=False, headers={"Connection": "close"})
    assert elsewhere.headers["location"] == f"{base}/invoices"
    assert "strict-transport-security" not in elsewhere.headers
    connection = only(recording)
    told = joined(connection, "server", "clear", "server")
    assert f"location: https://localhost:{recording.port}/invoices".encode() in told
    assert b"strict-transport-security" in told
    assert b"https" not in joined(connection, "client", "raw", "server")
    assert connection.tls["server"]["version"] == "TLSv1.3"


@pytest.mark.parametrize("door", FORGED)
def test_a_verifying_client_says_why_it_refuses(view: View, session: requests.Session, door: str) -> None:
    if door in ("http-mis-issued", "http-stolen-key"):
        words = "unable to get local issuer certificate"
        verify: bool | str = True  # the system's authorities: a private one is a stranger to them
    else:
        words = {
            "http-self-signed": "self-signed certificate",
            "http-wrong-host": "Hostname mismatch",
            "http-expired": "certificate has expired",
            "http-not-yet-valid": "certificate is not yet valid",
        }[door]
        verify = view.lab.ca_file
    with record(view.lab.wire, door) as recording, pytest.raises(requests.exceptions.SSLError, match=words):
        invoices(view, session, f"https://localhost:{recording.port}", verify=verify)
    connection = only(recording)
    assert connection.failed["client"]
    assert connection.servers == []
    assert loot([connection]).bytes_read == 0


@pytest.mark.parametrize("door", ["http-eavesdropper", "http-strip", "http-mis-issued"])
def test_many_requests_on_one_connection_are_all_read(view: View, session: requests.Session, door: str) -> None:
    with record(view.lab.wire, door) as recording:
        base = f"http://localhost:{recording.port}"
        auth = (view.shop.user, view.shop.password)
        token = session.post(f"{base}/token", auth=auth).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        assert session.get(f"{base}/invoices?limit=1").status_code == 200
        assert session.head(f"{base}/health").status_code == 200
        assert session.get(f"{base}/nowhere", headers={"Connection": "close"}).status_code == 404
    found = loot([only(recording)])
    assert found.requests == ("POST /token", "GET /invoices?limit=1", "HEAD /health", "GET /nowhere")
    assert (found.user, found.password, found.token) == (view.shop.user, view.shop.password, token)
    assert json.loads(found.answers[0])["access_token"] == token


@pytest.mark.parametrize("door", ["http-eavesdropper", "http-strip", "http-mis-issued"])
def test_bytes_one_at_a_time_chunks_and_large_bodies_pass(view: View, door: str) -> None:
    port = view.lab.wire.doors[door]
    slow = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert b'{"status":"ok"}' in raw(port, *(slow[i : i + 1] for i in range(len(slow))))
    chunked = b"POST /token HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with record(view.lab.wire, door) as recording:
        assert b" 401 " in raw(port, chunked + b"5\r\nhello\r\n0\r\n\r\n")
    body = [chunk.get("data") for chunk in decode(only(recording).chunks()) if chunk.kind == "Chunk"]
    assert body[0] == "hello"
    large = b"POST /nowhere HTTP/1.1\r\n" + HEAD + b"Content-Length: 3000000\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(OSError):  # the service need not read a body that it does not want
        raw(port, large, *[b"x" * 100_000] * 30)
    assert b'{"status":"ok"}' in raw(port, slow)


def test_several_requests_at_once_are_answered_in_order(view: View) -> None:
    port = view.lab.wire.doors["http-strip"]
    one = b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\n"
    last = b"GET /nowhere HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n"
    answered = raw(port, one * 5 + last)
    assert answered.count(b'{"status":"ok"}') == 5
    assert answered.rindex(b"200 OK") < answered.index(b"404 Not Found")


@pytest.mark.parametrize("door", ["http-eavesdropper", "http-strip", "http-mis-issued"])
def test_half_a_request_is_recorded_and_holds_up_nobody(view: View, session: requests.Session, door: str) -> None:
    with record(view.lab.wire, door) as recording:
        with socket.create_connection(("127.0.0.1", recording.port), timeout=5) as half:
            half.sendall(b"GET /invoices HTTP/1.1\r\nHost: loc")
            assert invoices(view, session, f"http://localhost:{recording.port}")["invoices"]
    halves = [each for each in recording.connections if joined(each, "client", "raw", "client").endswith(b"Host: loc")]
    assert len(halves) == 1
    assert len(recording.connections) == 2


@pytest.mark.parametrize(
    "noise",
    [
        b"\0\0\0\x08\x04\xd2\x16\x2f",
        b"GET /health\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"x" * 100_000,
        b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\n" + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 10_000,
        b"\x16\x03\x01\x00\x20\x01" + bytes(60),
    ],
)
@pytest.mark.parametrize("door", ["http-strip", "http-mis-issued"])
def test_noise_is_not_the_wires_end(view: View, door: str, noise: bytes) -> None:
    log = Path(view.lab.state) / "logs" / "wire.log"
    said = len(log.read_text())  # another test of this lab may have made it complain before
    port = view.lab.wire.doors[door]
    # mitmproxy 12 may leave a client waiting that it has hung up on while more was on its way.
    with socket.create_connection(("127.0.0.1", port), timeout=2) as client, contextlib.suppress(OSError):
        client.sendall(noise)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    assert b'{"status":"ok"}' in raw(port, b"GET /health HTTP/1.0\r\n\r\n")
    assert "Traceback" not in log.read_text()[said:]


def test_http_2_is_not_spoken_and_an_older_tls_is_ended_too(view: View) -> None:
    context = ssl.create_default_context(cafile=view.lab.ca_file)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with record(view.lab.wire, "http-stolen-key") as recording:
        with socket.create_connection(("127.0.0.1", recording.port), timeout=5) as link:
            with context.wrap_socket(link, server_hostname="localhost") as client:
                assert client.selected_alpn_protocol() == "http/1.1"
                client.sendall(b"GET /health HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n")
                assert client.recv(100).startswith(b"HTTP/1.1 200")
    assert only(recording).tls["client"]["version"] == "TLSv1.2"
    assert requests_in(only(recording)) == ["GET /health"]


def test_a_token_that_was_read_lets_its_reader_in(view: View, session: requests.Session) -> None:
    billing = view.lab.billing
    with http_client(view.lab.ca_file) as client:
        issued = client.post(f"{billing.https}/token", auth=(view.shop.user, view.shop.password)).json()
        with record(view.lab.wire, "http-eavesdropper") as recording:
            bearer = {"Authorization": f"Bearer {issued['access_token']}", "Connection": "close"}
            session.get(f"http://localhost:{recording.port}/invoices", headers=bearer)
        stolen = loot(recording.connections).token
        answer = client.get(f"{billing.https}/invoices", headers={"Authorization": f"Bearer {stolen}"})
    assert answer.json()["invoices"]


def test_the_command_prints_and_exports_the_grid(view: View, tmp_path: Path) -> None:
    file = tmp_path / "grid.json"
    words = ("matrix", "--http", "--json", str(file))
    done = airlock(*words, state=Path(view.lab.state), AIRLOCK_SEED=view.seed.hex, COLUMNS="80")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "private-ca" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines() if "grid.json" not in line) <= 80
    results = json.loads(file.read_text())
    assert {"client", "situation", "outcome", "loot", "error"} == set(results[0])
