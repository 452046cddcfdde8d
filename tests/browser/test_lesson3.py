"""A new learner works through lesson 3: seals, is fooled, fools others, and opens the session of a moment ago."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

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
            "known = b": holds("ORDER 0002"),
            "wire = b": holds("The server's name"),
            "handshake(": holds("ClientHello"),
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
