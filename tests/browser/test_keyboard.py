"""Without a mouse: lesson 1 from its link on the start page to its first passed check, and a viewer's list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from airlock.lab import Lab
from airlock.lesson import progress
from tests.browser.jupyter import PATIENCE, Notebook, is_said, press
from tests.browser.test_lesson1 import MISTAKES
from tests.browser.walk import Walk

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(600)]
# What shows that something has the focus: its own frame, or that of its label.
RINGS = """each => [each, each.closest('label')].filter(Boolean).map(each => getComputedStyle(each))
    .map(s => s.outlineStyle + s.boxShadow).filter(ring => ring !== 'nonenone')"""
WRONG, SAID = MISTAKES["task-1-1"]
RIGHT = """shop = Connection(
conn_id="shop", conn_type="postgres", host=me.shop.host, port=me.shop.port,
login=me.shop.user, password=me.shop.password, schema=me.shop.database,
extra=json.dumps({"application_name": me.word("desk")}))"""


def tab_to(page: Page, target: Locator, most: int = 20) -> None:
    """Press Tab until ``target`` has the focus, and shows it."""
    expect(target).to_be_visible(timeout=PATIENCE)
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            rings = target.evaluate(RINGS)
            assert rings, f"{target} has the focus, and nothing shows it"
            assert len(rings) == 1, f"{target} shows its focus twice: {rings}"
            return
        passed.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    raise AssertionError(f"Tab has not come to {target}, but to {passed}")


def go_up_to(page: Page, cell: Locator) -> None:
    """Press the up arrow until ``cell`` has the focus. Folded cells are passed over."""
    press(page, "Escape")
    for _ in range(10):
        press(page, "ArrowUp")
        page.wait_for_timeout(500)  # JupyterLab moves the focus a moment after the selection
        if cell.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("the up arrow does not lead there")


def run_to(notebook: Notebook, cell: Locator) -> None:
    """Shift+Enter until ``cell`` is selected."""
    for _ in range(30):
        if "jp-mod-selected" in (cell.get_attribute("class") or ""):
            return
        press(notebook.page, "Shift+Enter")
        notebook.idle()
    raise AssertionError("Shift+Enter does not lead there")


def answer(notebook: Notebook, source: str) -> None:
    """Write into the selected cell, and run it and the check below."""
    press(notebook.page, "Enter", "Control+a")
    notebook.page.keyboard.insert_text(source)
    press(notebook.page, "Shift+Enter")
    notebook.idle()
    press(notebook.page, "Shift+Enter")
    notebook.idle()


@pytest.fixture
def beginner(lab: Lab) -> Iterator[None]:
    """Nothing predicted and nothing passed: for this test, and again for the walk through lesson 1."""
    file = progress.current().file
    assert file
    before = file.read_bytes() if file.exists() else None
    file.unlink(missing_ok=True)
    yield
    if before is None:
        file.unlink(missing_ok=True)
    else:
        file.write_bytes(before)


@pytest.mark.usefixtures("beginner")
def test_from_the_start_page_to_a_passed_check(notebook: Notebook, address: str) -> None:
    page, cells = notebook.page, notebook.cells()
    walk = Walk(notebook, address, 1)
    walk.open()  # as it is handed out
    notebook.open(address.format("start.ipynb"))

    press(page, "Escape", "Shift+Enter", "Shift+Enter")
    notebook.idle()
    link = cells.nth(1).get_by_role("link", name="What is a connection in Airflow", exact=True)
    go_up_to(page, cells.first)
    tab_to(page, link)
    notebook.photograph("the-link-has-the-focus")
    press(page, "Enter")
    current = page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current", has_text="what-is-a-connection")
    expect(current).to_be_visible(timeout=PATIENCE)
    expect(cells.first).to_be_visible(timeout=PATIENCE)
    notebook.idle()

    question = next(index for index, source in enumerate(walk.sources) if source.startswith("predict("))
    press(page, "Escape")
    run_to(notebook, cells.nth(question + 1))
    card = cells.nth(question).locator(".jp-OutputArea")
    expect(card.get_by_role("radio").nth(1)).to_be_visible(timeout=PATIENCE)
    go_up_to(page, cells.nth(question - 1))
    expect(page.locator(".jp-cell-toolbar, .jp-cell-button")).to_have_count(0)  # Tab would come there first
    tab_to(page, card.get_by_role("radio").nth(1))
    press(page, "Space")
    tab_to(page, card.get_by_role("button", name="Commit"))
    notebook.photograph("a-choice-is-made")
    press(page, "Enter")
    expect(card).to_contain_text("You answered")
    is_said(page, "You answered")

    task, check = walk.where("task-1-1"), walk.where("check-1-1")
    press(page, "Escape", "ArrowDown")
    run_to(notebook, cells.nth(task))
    answer(notebook, WRONG)
    expect(cells.nth(check).locator(".jp-OutputArea")).to_contain_text(SAID, timeout=PATIENCE)
    is_said(page, SAID)

    press(page, "Shift+Enter")
    notebook.idle()
    is_said(page, "Hint 1 of 3")
    hint = cells.nth(check + 1).locator("summary").first
    go_up_to(page, cells.nth(check))
    tab_to(page, hint)
    press(page, "Enter")
    expect(cells.nth(check + 1).locator("details").first).to_have_attribute("open", "")
    notebook.photograph("a-hint-is-open")

    go_up_to(page, cells.nth(task))
    answer(notebook, RIGHT)
    expect(cells.nth(check).locator(".jp-OutputArea")).to_contain_text("passed", ignore_case=True, timeout=PATIENCE)
    is_said(page, "Passed")
    expect(page.locator(".jp-cell-toolbar, .jp-cell-button")).to_have_count(0)
    notebook.photograph("passed")


@pytest.mark.usefixtures("beginner")
def test_the_focus_stays_in_the_notebook_when_its_button_goes(notebook: Notebook, address: str) -> None:
    page, cells, walk = notebook.page, notebook.cells(), Walk(notebook, address, 2)
    walk.open()
    for index in range(3):
        notebook.run(index)
    myth = next(index for index, source in enumerate(walk.sources) if source.startswith("myth("))
    card = notebook.run(myth)
    expect(card.get_by_role("button", name="No, false")).to_be_visible(timeout=PATIENCE)
    press(page, "Shift+Tab", "Shift+Tab", "Enter")
    expect(card).to_contain_text("You said yes", timeout=PATIENCE)
    is_said(page, "You said yes")
    expect(card.locator(".airlock-card")).to_be_focused()
    notebook.photograph("the-card-has-the-focus")
    press(page, "ArrowDown")
    expect(cells.nth(myth + 1)).to_be_focused()


def test_a_viewers_list_keeps_its_keys(notebook: Notebook, address: str) -> None:
    page, walk = notebook.page, Walk(notebook, address, 2)
    walk.open()
    watch = next(index for index, source in enumerate(walk.sources) if source.startswith("watch("))
    for index in range(3):
        notebook.run(index)
    card = notebook.run(watch)
    lines, step = card.get_by_role("listbox"), card.get_by_label("Step")
    expect(lines).to_be_visible(timeout=PATIENCE)

    go_up_to(page, notebook.cells().nth(watch))
    tab_to(page, step)
    press(page, "Escape")  # out of a text field
    expect(notebook.cells().nth(watch)).to_be_focused()
    tab_to(page, lines)
    notebook.photograph("the-list-has-the-focus")
    press(page, "ArrowDown", "ArrowDown")
    expect(step).to_have_value("3")
    is_said(page, "Step 3")
    press(page, "x")  # in command mode, JupyterLab would cut the cell
    expect(notebook.cells()).to_have_count(len(walk.sources))
    expect(lines).to_be_focused()
    press(page, "Shift+Enter")
    expect(notebook.cells().nth(watch + 1)).to_have_class(re.compile("jp-mod-selected"), timeout=PATIENCE)
