"""The processes behind the launcher's cards, without JupyterLab: what they say when there is no lab, and prefixes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from airlock.lab.web import __main__ as pages
from airlock.lab.web import servers
from airlock.lab.web.behind import Airflow, Vault
from tests.conftest import ROOT

PREFIX = "/user/ada%40example.org/vault"
NEIGHBOUR = {"Sec-Fetch-Site": "same-site"}  # what a browser says of a page of another port of this machine


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(params=["airflow", "vault", "wire"])
def page(request: pytest.FixtureRequest, state: Path) -> Iterator[httpx.Client]:
    """A page's own process, started as jupyter-server-proxy does, on a socket file."""
    socket = state / "socket"
    command = [word.format(unix_socket=socket) for word in getattr(servers, request.param)()["command"]]
    process = subprocess.Popen(command, env={**os.environ, "AIRLOCK_STATE": str(state)}, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while not socket.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert socket.stat().st_mode & 0o077 == 0
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://page") as client:
            yield client
    finally:
        process.send_signal(signal.SIGINT)  # as JupyterHub ends them
        _, said = process.communicate(timeout=30)
    assert b"Traceback" not in said, said.decode()


def test_without_a_lab_a_page_says_what_to_do(page: httpx.Client) -> None:
    answer = page.get("/")
    assert answer.status_code == 503
    assert "The lab is not running." in answer.text
    assert "./airlock up" in answer.text
    assert answer.headers["Refresh"] == "5"  # JupyterHub shows the card before the lab is up
    assert "Traceback" not in answer.text


def test_another_site_s_page_changes_nothing(page: httpx.Client) -> None:
    for headers in (NEIGHBOUR, {"Origin": "http://127.0.0.1:9"}, {"Origin": "null"}):
        assert page.post("/api/v2/pools", json={}, headers=headers).status_code in (403, 404, 405)
    assert page.post("/v1/sys/seal", headers={"Sec-Fetch-Site": "same-origin"}).status_code in (404, 405, 503)


def test_nothing_outside_of_the_recordings_is_served() -> None:
    patterns = [route[0] for route in pages.ROUTES["wire"]()]
    assert any(re.fullmatch(pattern, "/eavesdropper-1-2.pcapng") for pattern in patterns)
    for path in ("/../../lab.json", "/..%2f..%2flab", "/a/b", "//etc/passwd"):
        assert not any(re.fullmatch(pattern, path) for pattern in patterns), path


def test_airflow_s_page_has_its_base_under_the_prefix() -> None:
    body = b'<head><base href="/" /><script src="./static/a.js"></script></head>'
    assert b'<base href="/user/ada%40example.org/vault/" />' in Airflow().fit("text/html", body, PREFIX)
    assert Airflow().fit("application/json", body, PREFIX) == body
    assert b'"><script>' not in Airflow().fit("text/html", body, '/"><script>')


def test_openbao_s_page_has_no_address_without_the_prefix() -> None:
    quoted = quote(json.dumps({"rootURL": "/ui/"}), safe="")
    body = (
        f'<head><meta content="{quoted}"><link href="/ui/assets/vault.css"></head>'
        '<script src="/ui/assets/vault.js"></script><script src="/ui/sw-registration.js"></script>'
    ).encode()
    page = Vault().fit("text/html", body, PREFIX).decode()
    assert page.startswith(f'<head><script src="{PREFIX}/airlock.js"></script>')
    assert f'"{PREFIX}/ui/assets/vault.js"' in page
    assert '"/ui/' not in page
    assert "%22%2Fui%2F%22" not in page
    assert "sw-registration" not in page
    assert Vault().fit("text/css", b"url(/ui/a.woff2)", PREFIX) == f"url({PREFIX}/ui/a.woff2)".encode()


@pytest.mark.parametrize("name", ["airflow", "vault", "wire"])
def test_a_card_s_picture_is_there_and_loads_nothing(name: str) -> None:
    entry = getattr(servers, name)()["launcher_entry"]
    picture = Path(entry["icon_path"]).read_text()
    assert picture.startswith("<svg")
    assert picture.count("http") == 1  # the name space
    assert Path(entry["icon_path"]).is_relative_to(ROOT)
    assert sys.executable == getattr(servers, name)()["command"][0]
