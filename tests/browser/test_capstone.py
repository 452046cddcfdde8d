"""A new learner works through the capstone: it is failed, improved and passed, in both themes and widths."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]

AUDITOR = """def audit(deployment: dict) -> list[tuple[str, str]]:
    return [(entry["conn_id"], kind) for entry in deployment["connections"] for kind in FAULTS]"""
HALF = """arguments = json.loads(lab.backend.settings()["AIRFLOW__SECRETS__BACKEND_KWARGS"])
lab.backend.use("vault", **(arguments | {"verify": lab.ca_file}))
smallest = f'path "{lab.vault.mount}/data/connections/*" {{ capabilities = ["read"] }}'
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-deployment", smallest)"""
MISTAKES = {
    "task-6-8": (AUDITOR, "false alarms"),
    "task-6-9": (HALF, "faults are gone"),
    "task-6-10": ("stolen = lab.deployment.let_loose()", "bytes of secret"),
}


def test_failed_improved_and_passed(notebook: Notebook, address: str) -> None:
    looks = {"before = ": holds("bytes of secret read"), "from airlock.lab import Seed": holds("0 false alarms")}
    walk = Walk(notebook, address, 6, MISTAKES, looks, name="the-capstone")
    walk.open()
    walk.go_on(0, walk.where("task-6-9"))
    walk.err("task-6-9")
    walk.err("task-6-10")  # too early: half of it is repaired, and the attackers say so

    walk.mistakes = {}
    walk.looks = {"from airlock.lab import Seed": holds("0 false alarms")}
    walk.go_on(walk.where("task-6-9"))
    page = notebook.page
    page.set_viewport_size({"width": 900, "height": 900})
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        notebook.cells().nth(walk.where("task-6-10")).scroll_into_view_if_needed()
        notebook.photograph(f"attackers-{theme.split()[-1].lower()}-900")
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(notebook.cells().nth(walk.where("check-6-10"))).to_contain_text("0 bytes")
    walk.ends_with_full_score()
