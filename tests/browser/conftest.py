"""One JupyterLab for all walks: on the session's lab, in headless Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from airlock import paths
from airlock.lab import Lab, View
from airlock.lab.ground import Ground
from airlock.lab.provision import reset_view
from airlock.lab.services.jupyter import url
from tests.browser.jupyter import Notebook, chromium
from tests.conftest import airlock


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    binary = chromium()
    if binary is None:
        assert not os.environ.get("AIRLOCK_REQUIRE_BROWSER"), "CI has to install Chromium"
        pytest.skip("no Chromium on this machine (Debian, Ubuntu: apt install chromium)")
    with sync_playwright() as playwright:
        chosen = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield chosen
        chosen.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    fresh = browser.new_page(viewport={"width": 1280, "height": 900})
    yield fresh
    fresh.context.close()


@pytest.fixture(scope="session")
def address(lab: Lab, lab_state: Path) -> str:
    """Where JupyterLab opens a path of the work folder: ``address.format("start.ipynb")``."""
    done = airlock("learn", "--no-browser", state=lab_state)
    assert done.returncode == 0, done.stdout + done.stderr
    ground = Ground(lab_state)
    return f"{url(ground)}/lab/tree/{{}}?token={ground.secret('jupyter-token')}"


def close_all(page: Page, address: str) -> None:
    """Have JupyterLab open nothing but what is asked for: it would bring back every tab, each time it is opened."""
    base, _, rest = address.partition("/lab/tree/")
    token = rest.rpartition("?")[2]
    for each in page.request.get(f"{base}/lab/api/workspaces?{token}").json()["workspaces"]["ids"]:
        assert page.request.delete(f"{base}/lab/api/workspaces/{quote(each, safe='')}?{token}").ok


@pytest.fixture(scope="module")
def notebook(page: Page, lab: Lab, address: str, request: pytest.FixtureRequest) -> Notebook:
    """The page as a notebook, before a world as at the beginning: what one walk leaves, the next must not find.

    Its pictures are kept as test output, to be looked at.
    """
    base, _, rest = address.partition("/lab/tree/")
    token = rest.rpartition("?")[2]
    for each in page.request.get(f"{base}/api/kernels?{token}").json():  # of an earlier run on a lab that stays up
        assert page.request.delete(f"{base}/api/kernels/{each['id']}?{token}").ok
    close_all(page, address)
    reset_view(View.current(lab))  # whom JupyterLab has made
    folder = paths.course_root() / ".airlock-screenshots" / request.module.__name__.rpartition(".")[2]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return Notebook(page, folder)
