"""The billing service, asked as its clients ask it."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from psycopg import sql

from airlock.lab import Lab, Login, Seed, View, billing
from airlock.lab.clients import http_client
from airlock.lab.ground import Ground
from airlock.lab.postgres import connect_admin
from airlock.lab.provision import close_view, open_view
from airlock.lab.supervisor import Supervisor

pytestmark = pytest.mark.lab


@pytest.fixture
def client(lab: Lab) -> Iterator[httpx.Client]:
    with http_client(lab.ca_file) as made:
        yield made


def basic(login: Login) -> tuple[str, str]:
    return login.user, login.password


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_invoices_are_the_orders_of_ones_own_shop(view: View, client: httpx.Client, scheme: str) -> None:
    base = getattr(view.lab.billing, scheme)
    answer = client.get(f"{base}/invoices?limit=2", auth=basic(view.shop))
    first, second = answer.json()["invoices"]
    assert first["id"] == second["id"] + 1
    assert float(first["amount"]) > 0
    assert answer.json()["next"] == f"{base}/invoices?limit=2&before={second['id']}"
    assert ("strict-transport-security" in answer.headers) == (scheme == "https")
    following = client.get(answer.json()["next"], auth=basic(view.courier)).json()["invoices"]
    assert following[0]["id"] == second["id"] - 1
    assert client.get(f"{base}/").headers["location"] == f"{base}/invoices"


def test_every_invoice_is_reached_once(view: View, client: httpx.Client) -> None:
    url, seen = f"{view.lab.billing.https}/invoices?limit=100", []
    while url:
        answer = client.get(url, auth=basic(view.shop)).json()
        seen += [each["id"] for each in answer["invoices"]]
        url = answer["next"]
    with connect_admin(view.lab, view.database) as session:
        assert seen == [i for (i,) in session.execute("select id from orders order by id desc").fetchall()]


def test_two_learners_see_two_shops(view: View, client: httpx.Client) -> None:
    other = View(view.lab, Seed.random())
    open_view(other)
    try:
        url = f"{view.lab.billing.https}/invoices?limit=3"
        mine, theirs = (client.get(url, auth=basic(each.shop)).json()["invoices"] for each in (view, other))
        assert [row["customer"] for row in mine] != [row["customer"] for row in theirs]
    finally:
        close_view(other)


def test_whoever_the_database_does_not_let_in_is_told_how_to_come(view: View, client: httpx.Client) -> None:
    url = f"{view.lab.billing.https}/invoices"
    shop, admin = view.shop, view.lab.postgres.admin
    strangers = [
        None,
        (shop.user, "guess"),
        (shop.user, "nul\0"),
        (admin, "guess"),
        ("app_nobody", "guess"),
        ("app host=elsewhere", "guess"),
        ("", ""),
    ]
    for auth in strangers:
        refused = client.get(url, auth=auth)
        assert refused.status_code == 401, auth
        assert "Basic" in refused.headers["www-authenticate"]
        assert refused.json()["error"]
    for value in ("Basic", "Basic ????", "Bearer", "Bearer x", "Digest x", f"Basic {base64.b64encode(b'no colon')!r}"):
        assert client.get(url, headers={"Authorization": value}).status_code == 401, value


def test_a_login_without_the_right_to_read_is_forbidden(view: View, client: httpx.Client) -> None:
    guest = replace(view.shop, user=f"guest_{view.prefix}")
    with connect_admin(view.lab, view.database) as session:
        role = sql.Identifier(guest.user)
        session.execute(sql.SQL("create role {} login password {}").format(role, sql.Literal(guest.password)))
        database = sql.Identifier(view.database)
        session.execute(sql.SQL("grant connect on database {} to {}").format(database, role))
    assert client.get(f"{view.lab.billing.https}/invoices", auth=basic(guest)).status_code == 403


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=ten", "limit=-1", "limit=1e2", "before=0", "before=x"]
)
def test_a_number_out_of_bounds_is_named(view: View, client: httpx.Client, query: str) -> None:
    refused = client.get(f"{view.lab.billing.https}/invoices?{query}", auth=basic(view.shop))
    assert refused.status_code == 400
    assert query.partition("=")[0] in refused.json()["error"]


def test_a_token_is_worth_its_owners_login_on_either_port_and_nobody_elses(view: View, client: httpx.Client) -> None:
    endpoint = view.lab.billing
    issued = client.post(f"{endpoint.https}/token", auth=basic(view.shop)).json()
    assert (issued["token_type"], issued["expires_in"]) == ("Bearer", 600)
    bearer = {"Authorization": f"Bearer {issued['access_token']}"}
    for base in (endpoint.http, endpoint.https):
        answer = client.get(f"{base}/invoices?limit=1", headers=bearer).json()
        assert answer == client.get(f"{base}/invoices?limit=1", auth=basic(view.shop)).json()
    again = client.post(f"{endpoint.https}/token", auth=basic(view.shop)).json()
    assert again["access_token"] != issued["access_token"]
    assert client.post(f"{endpoint.https}/token", headers=bearer).status_code == 401
    assert client.get(f"{endpoint.https}/token").status_code == 405


def test_a_token_ends_and_there_are_not_endlessly_many(
    view: View, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(billing.time, "monotonic", lambda: now)
    monkeypatch.setattr(billing, "_MOST_TOKENS", 3)
    server = view.lab.postgres
    settings = {"host": server.host, "port": server.port, "sslmode": "verify-full", "sslrootcert": view.lab.ca_file}
    app = billing.Billing(settings, tmp_path).app

    async def ask(tokens: list[str]) -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://billing") as client:
            while len(tokens) < 4:
                tokens.append((await client.post("/token", auth=basic(view.shop))).json()["access_token"])
            return [
                (await client.get("/invoices", headers={"Authorization": f"Bearer {token}"})).status_code
                for token in tokens
            ]

    async def story() -> None:
        nonlocal now
        tokens: list[str] = []
        assert await ask(tokens) == [401, 200, 200, 200]
        now += 601
        assert await ask(tokens) == [401] * 4

    asyncio.run(story())


def test_a_database_that_does_not_answer_is_not_the_clients_fault(lab: Lab, tmp_path: Path) -> None:
    app = billing.Billing({"host": "127.0.0.1", "port": 1, "connect_timeout": 2}, tmp_path).app

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://billing") as client:
            return await client.get("/invoices", auth=("app_x", "y"))

    answer = asyncio.run(ask())
    assert answer.status_code == 503
    assert "try again" in answer.json()["error"]


def test_it_keeps_no_secret_and_asks_the_database_over_tls(view: View, client: httpx.Client) -> None:
    client.get(f"{view.lab.billing.https}/invoices", auth=basic(view.shop))
    ground = Ground(Path(view.lab.state))
    process = psutil.Process(Supervisor(ground).state("billing").pid)
    told = " ".join([*process.cmdline(), *process.environ().values(), ground.log("billing").read_text()])
    assert not [file.name for file in (ground.state / "secrets").iterdir() if file.read_text() in told]
    assert view.shop.password not in told
    lines = [
        line for line in Path(view.lab.postgres.log).read_text().splitlines() if "application_name=billing" in line
    ]
    assert lines
    assert all("SSL enabled" in line for line in lines)


def test_half_a_request_holds_up_nobody(view: View, client: httpx.Client) -> None:
    endpoint = view.lab.billing
    halves = [socket.create_connection(("127.0.0.1", endpoint.port), timeout=5) for _ in range(20)]
    for half in halves:
        half.sendall(b"GET /invoices HTTP/1.1\r\nHost: ")
    assert client.get(f"{endpoint.http}/health", timeout=3).json() == {"status": "ok"}
    for half in halves:
        half.close()


def test_what_is_no_http_gets_an_answer_and_harms_nothing(view: View, client: httpx.Client) -> None:
    endpoint = view.lab.billing
    for data in (b"\0\0\0\x08\x04\xd2\x16\x2f", b"GET /\r\n\r\n", b"x" * 200_000):
        with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as raw:
            raw.sendall(data)
            assert raw.recv(12) in (b"", b"HTTP/1.1 400")
    assert client.get(f"{endpoint.http}/health").status_code == 200
