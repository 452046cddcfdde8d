"""What a check sees of this kernel."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any

import pytest

from airlock.checks.plain import NotPlain
from airlock.checks.world import CallFailed, NotAttempted
from airlock.lab import LabDown, View
from airlock.lesson import world
from airlock.lesson.world import LocalWorld


def _no_lab() -> View:
    raise LabDown("The lab is not running.")


def _world(**names: Any) -> LocalWorld:
    return LocalWorld(names, _no_lab)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({}, "There is no `x` yet"),
        ({"x": ...}, "placeholder"),
        ({"x": None}, "no value"),
        ({"x": {"a": ...}}, "placeholder"),
    ],
)
def test_a_missing_value_is_no_attempt(names: dict[str, Any], said: str) -> None:
    with pytest.raises(NotAttempted, match=said):
        _world(**names).value("x")


def test_a_value_comes_as_plain_data() -> None:
    assert _world(x=(1, 2)).value("x") == [1, 2]
    with pytest.raises(NotPlain):
        _world(x=object()).value("x")


def test_a_function_is_called_with_plain_data() -> None:
    assert _world(f=lambda a, b: (a, b)).call("f", 1, "x") == [1, "x"]


def test_a_function_gets_and_gives_bytes() -> None:
    sent = {"__type__": "bytes", "hex": "00ff"}
    assert _world(f=lambda data: data[::-1]).call("f", sent) == {"__type__": "bytes", "hex": "ff00"}


def test_a_function_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "CALL_SECONDS", 0.2)
    with pytest.raises(CallFailed, match=r"TimeoutError: still running after 0\.2 s"):
        _world(f=lambda: time.sleep(30)).call("f")
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def _raises() -> None:
    raise ValueError("no such thing")


def _exits() -> None:
    sys.exit(3)


@pytest.mark.parametrize(("function", "said"), [(_raises, "ValueError: no such thing"), (_exits, "SystemExit: 3")])
def test_a_function_that_raises_is_told_apart(function: Any, said: str) -> None:
    with pytest.raises(CallFailed, match=said):
        _world(f=function).call("f")


@pytest.mark.parametrize("function", [..., None, 3, lambda: ...])
def test_a_function_that_is_not_written_is_no_attempt(function: Any) -> None:
    with pytest.raises(NotAttempted):
        _world(f=function).call("f")


def test_the_lab_is_only_looked_for_when_needed() -> None:
    here = _world(x=1)
    assert here.value("x") == 1
    with pytest.raises(LabDown):
        _ = here.lab


def test_a_name_that_no_cell_has_made_yet() -> None:
    with pytest.raises(CallFailed, match=r"NameError: .*'nowhere'.* \(has the cell that makes it been run\?\)"):
        _world(f=lambda: nowhere).call("f")  # type: ignore[name-defined]  # noqa: F821
