"""A new learner works through lesson 3: seals, is fooled, fools others, and opens the session of a moment ago."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
MISTAKES = {
    "task-3-1": (
        "def seal(key, line, about):\n    return bytes(12) + AESGCM(key).encrypt(bytes(12), line, about)",
        "the same nonce",
    ),
    "task-3-3": (
        "made = int.from_bytes(base64.urlsafe_b64decode(token)[1:9])\nsize = (0, len(token))",
        "whole token",
    ),
    "task-3-5": (
        "def agree(port):\n    return receive(socket.create_connection(('127.0.0.1', port)), 32)",
        "no share from you",
    ),
    "task-3-7": (
        "def agree_signed(port, depot_key):\n    return b'whoever you are'",
        "no share from you",
    ),
}


def test_from_the_first_cell_to_the_full_score(notebook: Notebook, address: str) -> None:
    walk = Walk(
        notebook,
        address,
        3,
        MISTAKES,
        {
            "# The first order is yours": holds("ORDER 0002"),
            'reveal(\n    "3-c"': holds("The server's name"),
            "handshake(": look_into_the_certificate,
            "from pathlib import Path": holds("the server's private key   opens  0 of"),
        },
    )
    walk.open()
    for index in range(2):
        notebook.run(index)
    win = notebook.run(2)
    expect(win).to_contain_text("one bit changed: InvalidTag")
    notebook.photograph("win")
    walk.go_on(3)
    walk.ends_with_full_score()


def look_into_the_certificate(stepper: Locator) -> None:
    """TLS 1.3 hides the certificate from everybody but the session's owner; TLS 1.2 shows it to all."""
    keys = stepper.get_by_label("Open with my session's keys")
    records = stepper.get_by_role("listbox", name="Records of both sessions, part by part")
    known = stepper.locator(".al-known tr", has=stepper.page.get_by_role("rowheader", name="Server certificate"))
    keys.check()
    expect(stepper.get_by_text("Agreed so far: what you know, with your session's keys")).to_be_visible()
    expect(records.locator("option", has_text="← [Certificate]")).to_have_count(1)  # the client's, too, if it has one
    at = records.evaluate("list => [...list.options].findIndex(each => /←\\s\\[Certificate\\]/.test(each.text))")
    step = stepper.get_by_label("Step")
    step.fill(str(at + 1))
    step.press("Enter")
    expect(stepper.locator(".al-said")).to_contain_text("which held Certificate")
    for cell in (0, 1):
        expect(known.locator("td").nth(cell)).to_contain_text("issued by")
    keys.uncheck()
    expect(known.locator("td").nth(0)).to_contain_text("issued by")
    expect(known.locator("td").nth(1)).to_contain_text("encrypted, not readable")
    keys.check()
