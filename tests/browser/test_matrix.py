"""The matrix in a browser, by keyboard alone: predicted, run, looked at; in both themes and at two widths."""

from __future__ import annotations

import json
import re
import uuid

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from airlock import paths
from airlock.lab import Lab
from airlock.lesson import progress
from airlock.wire.grid import read_table
from tests.browser.jupyter import Notebook, press

STICKING_OUT = """grid => [...grid.querySelectorAll('td, th')]
    .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""
pytestmark = [pytest.mark.lab, pytest.mark.browser]


@pytest.fixture
def key(lab: Lab) -> str:
    """A matrix that nobody has predicted yet."""
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def outputs(notebook: Notebook, address: str, key: str, request: pytest.FixtureRequest) -> Locator:
    """The outputs of a cell that has shown a matrix, of the rows and columns that the test asks for."""
    size = getattr(request, "param", "")
    source = f'from airlock.lesson import matrix\n\nmatrix(key="{key}"{size})'
    cells = [nbformat.v4.new_code_cell(source), nbformat.v4.new_code_cell("")]  # type: ignore[no-untyped-call]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    file = paths.work_dir() / f"{key}.ipynb"
    file.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells, metadata=kernel)))  # type: ignore[no-untyped-call]
    notebook.open(address.format(file.name))
    shown = notebook.run(0)
    if notebook.page.locator(".jp-FileBrowser").is_visible():
        notebook.page.keyboard.press("Control+b")
    return shown


def test_it_is_predicted_run_and_read_by_keyboard(outputs: Locator, notebook: Notebook, key: str) -> None:
    page = notebook.page
    grid = outputs.get_by_role("grid", name="What becomes of each client")
    expect(grid.get_by_role("columnheader")).to_have_count(8)
    expect(grid.get_by_role("rowheader")).to_have_count(9)
    expect(grid.get_by_role("gridcell")).to_have_count(63)
    expect(grid.locator("[tabindex='0']")).to_have_count(1)

    def cell(client: str, situation: str) -> Locator:
        return grid.locator(f"[data-place='{client}, {situation}']")

    # Letters answer, Space goes through the answers, Delete takes one back; the notebook hears none of it.
    cell("disable", "passive").focus()
    press(page, "ArrowDown", "ArrowDown", "ArrowDown", "s")
    expect(cell("require", "passive")).to_be_focused()
    expect(cell("require", "passive")).to_have_accessible_name("you predicted safe")
    press(page, "ArrowRight", "Space", "Enter", "Space")
    expect(cell("require", "downgrade")).to_have_text("refused?")
    expect(outputs.locator(".al-live")).to_have_text("require, downgrade: you predict refused")
    press(page, "Home", "ArrowLeft", "End", "r", "Delete", "ArrowLeft", "ArrowLeft", "ArrowLeft", "s")
    expect(cell("require", "stolen-key")).to_have_text("·")
    expect(cell("require", "wrong-host")).to_have_text("safe?")
    expect(outputs.get_by_text("You predicted 3 of 63.")).to_be_visible()
    expect(outputs.locator(".al-detail")).to_contain_text("sslmode=require")
    expect(notebook.cells()).to_have_count(2)
    notebook.photograph("predicted")
    kept = progress.current().matrix(key)
    assert {name: each["predicted"] for name, each in kept.items()} == {
        "require/passive/host/scram": "safe",
        "require/downgrade/host/scram": "refused",
        "require/wrong-host/host/scram": "safe",
    }

    # One Tab leads to the button; going back into the grid while it runs, the focus stays there.
    press(page, "Tab")
    expect(outputs.get_by_role("button", name="Run 63 experiments")).to_be_focused()
    press(page, "Enter")
    expect(outputs.get_by_role("progressbar")).to_be_visible()
    press(page, "Shift+Tab", "r")
    notebook.photograph("running")
    expect(outputs.get_by_text(re.compile(r"63 experiments in .* You predicted 3 of 63: 2 as observed"))).to_be_visible(
        timeout=60_000
    )
    expect(cell("require", "wrong-host")).to_be_focused()
    expect(cell("require", "wrong-host")).to_have_text("read✗ safe?")
    expect(cell("require", "wrong-host")).to_have_accessible_name("read; you predicted safe, not as observed")
    expect(outputs.locator(".al-detail")).to_contain_text("select id, customer, quantity")
    press(page, "ArrowDown", "ArrowDown", "r")
    expect(cell("verify-full", "wrong-host")).to_have_text("refused")
    expect(outputs.locator(".al-live")).to_have_text("verify-full, wrong-host: it cannot be predicted any more")
    expect(outputs.locator(".al-detail mark")).to_contain_text("does not match host name")
    press(page, "Tab", "Tab", "Tab", "Enter")  # past the two buttons
    expect(outputs.get_by_text("Why clients were refused: 5 reasons")).to_be_focused()
    expect(outputs.get_by_text("hung up during the handshake")).to_be_visible()

    # Nothing sticks out, in either theme at either width.
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        for theme in ("JupyterLab Light", "JupyterLab Dark"):
            notebook.theme(theme)
            grid.scroll_into_view_if_needed()
            notebook.photograph(f"{theme.rpartition(' ')[2].lower()}-{width}")
            assert grid.evaluate(STICKING_OUT) == []
    notebook.theme("JupyterLab Light")
    (paths.work_dir() / f"{key}.ipynb").unlink()


@pytest.mark.parametrize(
    "outputs", [', clients=("require", "require+binding"), situations=("passive", "self-signed")'], indirect=True
)
def test_what_was_clicked_can_be_pasted_into_the_answer_cell(outputs: Locator, notebook: Notebook, key: str) -> None:
    page = notebook.page
    cells = outputs.get_by_role("gridcell")
    for at, clicks in enumerate((2, 2, 1)):  # safe, safe, read; the fourth stays open
        for _ in range(clicks):
            cells.nth(at).click()
    outputs.get_by_role("button", name="Run 4 experiments").click()
    expect(outputs.get_by_text(re.compile("4 experiments in"))).to_be_visible(timeout=60_000)
    expect(cells.nth(1)).to_have_text("read✗ safe?")
    outputs.get_by_role("button", name="Copy my predictions").focus()
    press(page, "Enter")
    expect(outputs.locator(".al-live")).to_contain_text("Copied.")
    notebook.photograph("copied")
    notebook.is_accessible()

    # What was predicted goes along, not what was observed; and the notebook heard none of the keys.
    notebook.type_into(1, "")
    press(page, "Control+v")
    page.keyboard.insert_text("print(guess)")
    expect(notebook.run(1)).to_contain_text("require+binding")
    notebook.photograph("pasted")
    said = notebook.cells().nth(1).locator(".jp-OutputArea").text_content() or ""
    situations, predicted = read_table(said)
    assert situations == ("passive", "self-signed")
    assert list(predicted.values()) == ["safe", "safe", "read", "?"]
    (paths.work_dir() / f"{key}.ipynb").unlink()
