"""A learner's world, opened and closed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from airlock.lab import Lab, Seed, View
from airlock.lab.postgres import connect
from airlock.lab.provision import close_view, open_view

pytestmark = pytest.mark.lab


def test_two_commands_may_open_the_same_world_at_once(lab: Lab) -> None:
    mine = View(lab, Seed.random())
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(open_view, [mine] * 4))
        with connect(mine.shop, ca_file=lab.ca_file) as session:
            names = [name for (name,) in session.execute("select customer from orders").fetchall()]
        assert names.count(mine.seed.word("customer/0")) == 1, "his own orders are there, once"
    finally:
        close_view(mine)
