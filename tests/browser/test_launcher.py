"""The launcher's cards: Airflow, OpenBao and the wire open signed in, also where JupyterLab lives under a prefix."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from airlock import paths
from airlock.lab import Lab, View
from airlock.lab.airflow import AirflowClient
from airlock.lab.ground import Ground
from airlock.lab.services.jupyter import Jupyter
from airlock.lab.supervisor import clean_environment
from airlock.lab.vault import VaultClient
from airlock.wire.captures import record
from tests.browser.jupyter import PATIENCE, Notebook

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(600)]
SCREENSHOTS = paths.course_root() / ".airlock-screenshots" / "test_launcher"
CARDS = {"airflow": "Airflow", "vault": "Vault (OpenBao)", "wire": "Wire"}


@dataclass(frozen=True)
class Server:
    """A JupyterLab: where it is, its token, and a browser that is signed in to it and notes what it asks for."""

    url: str
    token: str
    context: BrowserContext
    asked: list[str]
    refused: list[str]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}/{path}", headers=headers, trust_env=False, timeout=60)


@pytest.fixture(scope="module", params=["", "/user/ada"], ids=["alone", "under a prefix"])
def server(request: pytest.FixtureRequest, browser: Browser, lab: Lab, lab_state: Path) -> Iterator[Server]:
    """The lab's own command with another port, and the prefix that a hub or Binder sets."""
    ground = Ground(lab_state)
    port, program = ground.free_port(), Jupyter().program(ground)
    Jupyter().prepare(ground)
    command = [each for each in program.command if not each.startswith("--ServerApp.port=")]
    process = subprocess.Popen(
        [*command, f"--ServerApp.port={port}", f"--ServerApp.base_url={request.param}/"],
        cwd=program.directory,
        env=clean_environment(ground) | program.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    refused: list[str] = []
    context.on("request", lambda each: asked.append(each.url))
    context.on("response", lambda each: refused.append(f"{each.status} {each.url}") if each.status >= 400 else None)
    found = Server(f"http://127.0.0.1:{port}{request.param}", ground.secret("jupyter-token"), context, asked, refused)
    try:
        deadline = time.monotonic() + 60
        while not _answers(found):
            assert time.monotonic() < deadline, "JupyterLab does not answer"
            time.sleep(0.3)
        yield found
    finally:
        context.close()
        process.terminate()
        process.wait(30)


def _answers(server: Server) -> bool:
    try:
        return server.get("api").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def launcher(server: Server) -> Iterator[Page]:
    page = server.context.new_page()
    page.goto(f"{server.url}/lab/workspaces/cards?reset&token={server.token}")
    expect(page.locator(".jp-Launcher")).to_be_visible(timeout=PATIENCE)
    server.asked.clear()
    server.refused.clear()
    yield page
    # Everything that any page asked for, it asked of this JupyterLab, under its prefix; and nothing was refused.
    elsewhere = [url for url in server.asked if not url.startswith((f"{server.url}/", "data:", "blob:"))]
    assert elsewhere == []
    assert server.refused == []
    for each in server.context.pages:
        each.close()


def card(launcher: Page, name: str) -> Locator:
    return launcher.locator(".jp-LauncherCard", has_text=CARDS[name])


def opened(launcher: Page, name: str) -> Page:
    """The page that a click on a card opens, in a tab of its own."""
    with launcher.context.expect_page() as tab:
        card(launcher, name).click()
    return tab.value


def photograph(page: Page, server: Server, name: str, schemes: Sequence[str] = ("light", "dark")) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    place = "prefix" if urlsplit(server.url).path else "alone"
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=str(SCREENSHOTS / f"{name}-{place}-{scheme}.png"))


def test_the_cards_have_pictures(launcher: Page, server: Server) -> None:
    for name in CARDS:
        expect(card(launcher, name)).to_have_count(1)
        picture = card(launcher, name).locator("img")
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    notebook = Notebook(launcher, SCREENSHOTS)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):  # the last one is kept, for every test
        notebook.theme(theme)
        photograph(launcher, server, f"launcher-{theme.split()[1].lower()}", schemes=("light",))


def test_airflow_opens_signed_in_with_the_lab_s_dags(launcher: Page, server: Server, lab: Lab) -> None:
    page = opened(launcher, "airflow")
    page.get_by_role("link", name="Dags").first.click(timeout=PATIENCE)
    dags = [each["dag_id"] for each in AirflowClient(lab).request("GET", "/api/v2/dags?limit=5").json()["dags"]]
    assert dags
    for dag in dags:
        expect(page.get_by_role("link", name=dag).first).to_be_visible(timeout=PATIENCE)
    photograph(page, server, "airflow")
    page.reload()  # an address inside, as a bookmark would open it
    expect(page.get_by_role("link", name=dags[0]).first).to_be_visible(timeout=PATIENCE)


def test_openbao_opens_signed_in_with_the_lab_s_connections(launcher: Page, server: Server, view: View) -> None:
    conn_id = f"{view.prefix}_card"
    vault = VaultClient(view.lab)
    vault.put_connection(conn_id, {"conn_uri": "postgres://in-the-vault"})
    try:
        page = opened(launcher, "vault")
        expect(page.get_by_role("link", name=f"{view.lab.vault.mount}/").first).to_be_visible(timeout=PATIENCE)
        photograph(page, server, "vault-mounts")
        page.get_by_role("link", name=f"{view.lab.vault.mount}/").first.click()
        page.get_by_role("link", name="connections").first.click(timeout=PATIENCE)
        page.get_by_role("link", name=conn_id).first.click(timeout=PATIENCE)
        expect(page.get_by_text("conn_uri").first).to_be_visible(timeout=PATIENCE)
        photograph(page, server, "vault-connection")
    finally:
        vault.delete_connection(conn_id)


def test_the_wire_shows_what_was_recorded_last(launcher: Page, server: Server, view: View) -> None:
    wire, login = view.lab.wire, view.shop
    with record(wire, "eavesdropper"):
        with psycopg.connect(
            host=wire.host,
            port=wire.doors["eavesdropper"],
            dbname=login.database,
            user=login.user,
            password=login.password,
            sslmode="disable",
        ) as session:
            session.execute("select '<script>document.title = 1</script>' as bait")
    page = opened(launcher, "wire")
    newest = page.locator("tbody tr").first
    expect(newest).to_contain_text("eavesdropper", timeout=PATIENCE)
    expect(newest).to_contain_text("1 row")
    photograph(page, server, "wire-list")
    newest.get_by_role("link").click()
    kind = page.locator(".kind", has_text=re.compile("^(Query|Parse)$"))
    statement = page.locator("details", has=kind, has_text="as bait")
    statement.locator("summary").click()
    expect(statement).to_contain_text("select '<script>document.title = 1</script>' as bait")
    assert page.title().startswith("The wire: eavesdropper")
    photograph(page, server, "wire-recording")
    with page.expect_download() as file:
        page.get_by_role("link", name="packets for Wireshark").click()
    assert file.value.suggested_filename.endswith(".pcapng")
    assert Path(file.value.path()).read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"


def test_without_jupyter_s_token_nothing_opens(server: Server) -> None:
    for name in CARDS:
        for token in ({}, {"Authorization": "token wrong"}):
            answer = server.get(f"{name}/", **token)
            assert (answer.status_code, urlsplit(answer.headers["location"]).path[-6:]) == (302, "/login")


def test_the_pages_give_no_rights_beyond_the_notebooks(server: Server, lab: Lab) -> None:
    signed = {"Authorization": f"token {server.token}"}
    assert server.get("vault/v1/sys/mounts", **signed).is_success
    written = httpx.post(
        f"{server.url}/vault/v1/{lab.vault.mount}/data/connections/by_page",
        json={"data": {"conn_uri": "x"}},
        headers=signed,
        trust_env=False,
    )
    assert written.status_code == 403
    assert VaultClient(lab).get_connection("by_page") is None
    # What the pages themselves ask for goes through, also by POST.
    asked = f"{server.url}/airflow/api/v2/dags/~/dagRuns/list"
    own = httpx.post(asked, json={}, headers=signed | {"Sec-Fetch-Site": "same-origin"}, trust_env=False)
    assert own.json()["total_entries"] >= 0
    # A page of another port of this machine, whose requests carry the cookie too.
    for origin in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "http://127.0.0.1:9"}):
        posted = httpx.post(f"{server.url}/airflow/api/v2/pools", json={}, headers=signed | origin, trust_env=False)
        assert (posted.status_code, "Another site" in posted.text) == (403, True)


@pytest.mark.skipif(not Path("/proc/net/unix").exists(), reason="the list of open sockets is Linux's")
def test_the_pages_processes_listen_on_files_of_their_owner_s_alone(server: Server) -> None:
    for name in CARDS:
        assert server.get(f"{name}/", Authorization=f"token {server.token}").status_code < 400
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines() if "jupyter-server-proxy" in line]
    files = {file for row in rows if (file := Path(row[-1])).exists()}
    assert len(files) >= len(CARDS)
    for file in files:
        assert file.parent.stat().st_mode & 0o077 == 0
        assert file.stat().st_uid == os.getuid()
