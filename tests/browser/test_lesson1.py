"""A new learner works through lesson 1: makes mistakes, is told what to do, and reaches the full score."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from airlock import paths
from airlock.checks import catalogue
from airlock.course import layout
from airlock.course.notebook import instructor
from airlock.lab import Lab
from airlock.lab.ground import Ground
from airlock.lab.services.jupyter import url
from tests.browser.jupyter import Notebook, chromium
from tests.conftest import airlock

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
LESSON = "lesson-1/what-is-a-connection.ipynb"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    binary = chromium()
    if binary is None:
        assert not os.environ.get("AIRLOCK_REQUIRE_BROWSER"), "CI has to install Chromium"
        pytest.skip("no Chromium on this machine (Debian, Ubuntu: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


@pytest.fixture(scope="module")
def screenshots() -> Path:
    """Kept as test output: they are there to be looked at."""
    folder = paths.course_root() / ".airlock-screenshots"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return folder


@pytest.fixture(scope="module")
def address(lab: Lab, lab_state: Path) -> str:
    done = airlock("learn", "--no-browser", state=lab_state)
    assert done.returncode == 0, done.stdout + done.stderr
    ground = Ground(lab_state)
    return f"{url(ground)}/lab/tree/{{}}?token={ground.secret('jupyter-token')}"


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    """The reference answers, by cell id."""
    [source] = layout.read_lesson(1)
    return {cell["id"]: cell["source"] for cell in instructor(source)["cells"] if cell["id"].startswith("task-")}


def cells() -> dict[str, str]:
    """The source of the lesson's cells by id, in order."""
    notebook = json.loads((paths.work_dir() / LESSON).read_text())
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def test_from_the_first_cell_to_the_full_score(
    page: Page, screenshots: Path, address: str, answers: dict[str, str]
) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    notebook = Notebook(page, screenshots)

    # The start page says where to begin.
    notebook.open(address.format("start.ipynb"))
    expect(page.get_by_role("heading", name="Six lessons")).to_be_visible()
    expect(page.get_by_text("0 of 7").first).to_be_visible()
    notebook.photograph("start")

    # The lesson's win, in its third cell.
    notebook.open(address.format(LESSON))
    sources = cells()
    order = list(sources)
    assert notebook.cells().count() == len(order)
    for index in range(2):
        notebook.run(index)
    expect(notebook.run(2)).to_contain_text("), (")
    notebook.photograph("win")

    # A prediction is committed before the cell that settles it runs.
    question = next(index for index, source in enumerate(sources.values()) if source.startswith("predict("))
    widget = notebook.run(question)
    widget.get_by_text("It raises an error").click()
    widget.get_by_role("button", name="Commit").click()
    expect(widget).to_contain_text("You answered")
    notebook.photograph("prediction")

    mistakes = {
        "task-1-1": (
            'shop = Connection(conn_id="shop", conn_type="postgres", host=me.shop.host)',
            "The connection has no login",
        ),
        "task-1-2": ('courier_uri = "postgres://" + me.courier.user + ":" + me.courier.password + "@db"', "Not yet"),
    }
    for index in range(question + 1, len(order)):
        cell = order[index]
        if cell in mistakes:
            wrong, words = mistakes[cell]
            notebook.type_into(index, wrong)
            notebook.run(index)
            report = notebook.run(index + 1)
            expect(report).to_contain_text(words, ignore_case=True)
            notebook.photograph(f"mistake-{cell}")
        if cell in answers:
            notebook.type_into(index, answers[cell])
        outputs = notebook.run(index)
        if cell.startswith("check-"):
            expect(outputs).to_contain_text("passed", ignore_case=True)
            notebook.photograph(cell)
        if sources[cell].startswith("airflow_command("):
            expect(outputs).to_contain_text("unrecognized arguments: --conn-id")
        if sources[cell].startswith("reveal(") and '"1-a"' in sources[cell]:
            expect(outputs).to_contain_text("It raises an error")
            notebook.photograph("reveal")

    page.keyboard.press("Control+s")
    notebook.photograph("end")
    notebook.open(address.format("start.ipynb"))
    notebook.run(1)
    points = sum(check.points for check in catalogue.of_lesson(1))
    expect(page.get_by_text(f"{points:g} of {points:g} points").first).to_be_visible()
    notebook.photograph("start-afterwards")

    foreign = {
        each for each in asked if not each.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
    }
    assert foreign == set()
