"""A learner's state folder of the test's own, and throw-away tasks in the real catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from airlock.checks import catalogue
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab import LabDown

HINTS = ("Look at the `@`.", "A URI gives it a meaning.", "Use `quote`.")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder, outside of grading."""
    monkeypatch.setenv("AIRLOCK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AIRLOCK_WORK", str(tmp_path / "work"))
    monkeypatch.delenv("AIRLOCK_SEED", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path / "state"


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks 1.1 to 1.5: one for each way a check can end. They replace the lesson's own."""
    monkeypatch.setattr(catalogue, "load", lambda: None)
    monkeypatch.setattr(catalogue, "_CHECKS", {})
    register_tasks()


def register_tasks() -> None:
    """Register the throw-away tasks."""

    @catalogue.task("1.1", "Build a URI", 4, HINTS)
    def build(world: World) -> Report:
        uri = str(world.value("uri"))
        return passed("It logs in.") if "%40" in uri else failed("It does not.", "Why.", "Look.", "unescaped")

    @catalogue.task("1.2", "After the first", 2, HINTS, needs=("1.1",))
    def after(world: World) -> Report:
        return failed("Half of it.", "", "", share=0.5) if world.value("homes") else passed("")

    @catalogue.task("1.3", "Without a lab", 2, HINTS)
    def without(_: World) -> Report:
        raise LabDown("PostgreSQL does not answer.")

    @catalogue.task("1.4", "A noisy one", 2, HINTS)
    def noisy(world: World) -> Report:
        world.call("shout")
        return passed("Quiet.")

    @catalogue.task("1.5", "With a fault of ours", 2, HINTS)
    def faulty(_: World) -> Report:
        raise RuntimeError("a bug")
