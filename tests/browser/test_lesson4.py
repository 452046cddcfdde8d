"""A new learner works through lesson 4: a secret out of a vault at once, mistakes, and everything else in turn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from airlock.lab import View
from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
MISTAKES = {
    "task-4-1": ("in_clear = legacy", "nothing was in clear"),
    "task-4-2": (
        "with lab.steady(watched) as seen:\n"
        "    lab.fernet.configure(*lab.fernet.keys(), Fernet.generate_key().decode())",
        "still the old one",
    ),
    "task-4-3": ('policy = f\'path "{me.team}/*" {{ capabilities = ["read"] }}\'', "also reaches"),
    "task-4-4": ('lab.backend.use("vault", **robot(policy))', "nothing under"),
    "task-4-5": ('at_aws = lab.aws.arguments | {"connections_prefix": f"/{me.team}/connections"}', "nothing under"),
    "task-4-6": ('why = dict.fromkeys("abcdef", "down")', "incident"),
}


def test_from_the_first_cell_to_the_full_score(notebook: Notebook, address: str) -> None:
    walk = Walk(
        notebook,
        address,
        4,
        MISTAKES,
        {
            "carried = ": holds("gzip"),
            "import httpx": holds(View.current().seed.word("watched")),
            "spring, mount = ": holds("host-of-spring"),
            "myth(": holds("True or"),
        },
    )
    walk.open()
    for index in range(2):
        notebook.run(index)
    win = notebook.run(2)
    expect(win).to_contain_text(f"the task got: {View.current().seed.word('first')}")
    expect(win).to_contain_text("airflow asked to read")
    notebook.photograph("win")

    walk.go_on(3)
    walk.ends_with_full_score()
