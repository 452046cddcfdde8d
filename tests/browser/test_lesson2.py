"""A new learner works through lesson 2: reads a password off the wire at once, and everything else in turn."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, expect

from airlock.lab import View
from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
# Seconds from the first look at the lesson to one's own password, read off the wire.
TWO_MINUTES = 120
MISTAKES = {
    "task-2-1": (
        'stolen = (f"bookkeeper_{me.team}", next(filter(None, (loot([tape]).hash for tape in tapes.values()))))',
        "md5 answer",
    ),
    "task-2-4": ('leaks = {letter: {"password", "sql", "rows"} for letter in "abcd"}', "not yet"),
    "task-2-5": ('sealed = connection_of(me.shop, me.shop.port, {"sslmode": "prefer"})', "no TLS here"),
}


def test_from_the_first_cell_to_the_full_score(notebook: Notebook, address: str) -> None:
    walk = Walk(
        notebook,
        address,
        2,
        MISTAKES,
        {
            "watch(": look_at_both_links,
            'reveal(\n    "2-a"': holds("No prediction was made"),
            "myth(": holds("True or"),
        },
    )
    began = time.monotonic()
    walk.open()
    for index in range(2):
        notebook.run(index)
    win = notebook.run(2)
    expect(win).to_contain_text(f"your password: {View.current().seed.password('host/password')}")
    notebook.photograph("win")
    assert time.monotonic() - began < TWO_MINUTES

    walk.go_on(3)
    walk.ends_with_full_score()


def look_at_both_links(viewer: Locator) -> None:
    """The statement is known of the link in clear, and nothing of the other; a step back is a step back."""
    step = viewer.get_by_label("Step")
    expect(viewer.get_by_role("listbox", name="Messages of both links by time")).to_be_visible()
    viewer.get_by_role("button", name="Forward").click()
    expect(step).to_have_value("2")
    step.fill("10000")
    step.press("Enter")
    known = viewer.locator(".al-known tr", has=viewer.page.get_by_role("rowheader", name="SQL"))
    expect(known.locator("td").nth(0)).to_contain_text("select customer, quantity")
    expect(known.locator("td").nth(1)).to_have_text("–")
    viewer.get_by_role("button", name="Back").click()
    expect(viewer.locator(".al-said")).to_contain_text("Step")
