"""A login for each rule of the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from airlock.lab import View
from airlock.lab.rules import ruled_logins
from tests.wire.clients import Logins


@pytest.fixture
def logins(view: View) -> Iterator[Logins]:
    with ruled_logins(view) as made:
        yield made
