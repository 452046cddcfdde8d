"""Jobs side by side: what may not meet does not, and one that crashes is told of."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from airlock.grading.pool import Crashed, Job, Pool


def _stay(folder: Path, name: str) -> list[str]:
    """Be there for a moment; returns who else was."""
    (folder / name).touch()
    met = {file.name for file in folder.iterdir()}
    assert len(met) <= 2
    time.sleep(0.5)
    met |= {file.name for file in folder.iterdir()}
    (folder / name).unlink()
    return sorted(met - {name})


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _broken() -> None:
    raise ValueError("no such thing")


def test_two_at_a_time(tmp_path: Path) -> None:
    pool = Pool(2)
    for name in "abcd":
        pool.add(Job(name, partial(_stay, tmp_path, name)))
    met = {job.name: others for job, others in pool.results()}
    assert sorted(met) == ["a", "b", "c", "d"]
    assert all(isinstance(others, list) and others for others in met.values())  # one that met two would have crashed


@pytest.mark.parametrize("apart", [{"holds": frozenset({"seed"})}, {"alone": True}])
def test_what_may_not_meet_does_not(tmp_path: Path, apart: dict[str, object]) -> None:
    pool = Pool(3)
    for name in "ab":
        pool.add(Job(name, partial(_stay, tmp_path, name), **apart))  # type: ignore[arg-type]
    pool.add(Job("free", partial(_stay, tmp_path, "free")))
    met = {job.name: others for job, others in pool.results()}
    assert "b" not in met["a"]
    assert "a" not in met["b"]
    assert bool(met["free"]) is ("alone" not in apart)


def test_a_crash_takes_nothing_else_with_it(tmp_path: Path) -> None:
    pool = Pool(2)
    pool.add(Job("killed", _killed))
    pool.add(Job("broken", _broken))
    pool.add(Job("well", partial(_stay, tmp_path, "well")))
    results = {job.name: result for job, result in pool.results()}
    assert results["killed"] == Crashed("its worker ended with SIGKILL")
    assert results["broken"] == Crashed("its worker stopped with ValueError: no such thing")
    assert isinstance(results["well"], list)


def test_leaving_early_ends_the_workers() -> None:
    pool = Pool(2)
    pool.add(Job("short", partial(time.sleep, 0)))
    pool.add(Job("long", partial(time.sleep, 60)))
    results = pool.results()
    assert next(results)[0].name == "short"
    workers = [process for _, process in pool._running.values()]
    results.close()  # type: ignore[attr-defined]
    assert workers
    assert not any(worker.is_alive() for worker in workers)
