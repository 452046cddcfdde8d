"""One lab for the session (or for each of its workers) in a state folder of its own: a developer's is never touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from airlock.lab import Lab, Seed, View
from airlock.lab.provision import close_view, open_view

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Give Ctrl-C its meaning back: a shell takes it from what it runs in the background, and so from our children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # xdist's own hook reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the tests to xdist's workers file by file, and the contract, the longest, first and lesson by lesson."""
    items.sort(key=lambda item: item.get_closest_marker("contract") is None)
    for item in items:
        whole = item.get_closest_marker("contract") is None
        item.add_marker(pytest.mark.xdist_group(str(item.path) if whole else item.name))


def airlock(*words: str, state: Path, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would, on a lab of the tests' own."""
    return subprocess.run(
        [sys.executable, "-m", "airlock.cli", *words],
        env={**os.environ, "AIRLOCK_STATE": str(state), "AIRLOCK_WORK": str(state.parent / "work"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


@pytest.fixture(scope="session")
def lab_state() -> Iterator[Path]:
    """The state folder of the session's lab. The path holds a space on purpose.

    ``AIRLOCK_TEST_STATE`` names one that is up already and stays up: for an author who runs one test again and again.
    """
    lent = os.environ.get("AIRLOCK_TEST_STATE")
    folder = Path(lent) if lent else Path(tempfile.mkdtemp(prefix="airlock tests ")) / "state"
    before = {name: os.environ.get(name) for name in ("AIRLOCK_STATE", "AIRLOCK_WORK")}
    os.environ["AIRLOCK_STATE"] = str(folder)
    os.environ["AIRLOCK_WORK"] = str(folder.parent / "work")
    yield folder
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if not lent:
        shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def lab(lab_state: Path) -> Iterator[Lab]:
    """The session's running lab."""
    done = airlock("up", state=lab_state)
    assert done.returncode == 0, done.stdout + done.stderr
    yield Lab.current(lab_state)
    if not os.environ.get("AIRLOCK_TEST_STATE"):
        airlock("down", state=lab_state)


@pytest.fixture
def view(lab: Lab) -> Iterator[View]:
    """A learner of this test only."""
    mine = View(lab, Seed.random())
    open_view(mine)
    yield mine
    close_view(mine)
