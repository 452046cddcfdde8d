"""A new learner works through lesson 1: makes mistakes, is told what to do, and reaches the full score."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
MISTAKES = {
    "task-1-1": (
        'shop = Connection(conn_id="shop", conn_type="postgres", host=me.shop.host)',
        "The connection has no login",
    ),
    "task-1-2": ('courier_uri = "postgres://" + me.courier.user + ":" + me.courier.password + "@db"', "Not yet"),
}


def test_from_the_first_cell_to_the_full_score(notebook: Notebook, address: str) -> None:
    page = notebook.page

    # The start page says where to begin.
    notebook.open(address.format("start.ipynb"))
    expect(page.get_by_role("heading", name="Six lessons")).to_be_visible()
    expect(page.get_by_text("0 of 7").first).to_be_visible()
    notebook.photograph("start")

    # The lesson's win, in its third cell.
    walk = Walk(
        notebook,
        address,
        1,
        MISTAKES,
        {
            "airflow_command(": holds("unrecognized arguments: --conn-id"),
            'reveal(\n    "1-a"': holds("It raises an error"),
        },
    )
    walk.open()
    for index in range(2):
        notebook.run(index)
    expect(notebook.run(2)).to_contain_text("), (")
    notebook.photograph("win")

    # A prediction is committed before the cell that settles it runs.
    question = next(index for index, source in enumerate(walk.sources) if source.startswith("predict("))
    widget = notebook.run(question)
    widget.get_by_text("It raises an error").click()
    widget.get_by_role("button", name="Commit").click()
    expect(widget).to_contain_text("You answered")
    notebook.photograph("prediction")

    walk.go_on(question + 1)
    walk.ends_with_full_score()
