"""Jobs side by side: what may not meet does not, and one that crashes is told of."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from airlock.grading.pool import JOBS_OF_A_WORKER, Crashed, Job, Pool


def _stay(folder: Path, name: str) -> list[str]:
    """Be there for a moment; returns who else was."""
    (folder / name).touch()
    met = {file.name for file in folder.iterdir()}
    assert len(met) <= 2
    time.sleep(0.5)
    met |= {file.name for file in folder.iterdir()}
    (folder / name).unlink()
    return sorted(met - {name})


def _end(how: str) -> int:
    """Do as told; returns which process did."""
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "broken":
        raise ValueError("no such thing")
    if how == "long":
        time.sleep(60)
    return os.getpid()


def _results(pool: Pool, *names: str) -> dict[str, Any]:
    for name in names:
        pool.add(Job(name))
    return {job.name: result for job, result in pool.results()}


def test_two_at_a_time(tmp_path: Path) -> None:
    met = _results(Pool(2, partial(_stay, tmp_path)), *"abcd")
    assert sorted(met) == ["a", "b", "c", "d"]
    assert all(isinstance(others, list) and others for others in met.values())  # one that met two would have crashed


@pytest.mark.parametrize("apart", [{"holds": frozenset({"seed"})}, {"alone": True}])
def test_what_may_not_meet_does_not(tmp_path: Path, apart: dict[str, object]) -> None:
    pool = Pool(3, partial(_stay, tmp_path))
    for name in "ab":
        pool.add(Job(name, **apart))  # type: ignore[arg-type]
    met = _results(pool, "free")
    assert "b" not in met["a"]
    assert "a" not in met["b"]
    assert bool(met["free"]) is ("alone" not in apart)


def test_a_crash_takes_nothing_else_with_it() -> None:
    results = _results(Pool(2, _end), "killed", "broken", "well", "fine")
    assert results["killed"] == Crashed("its worker ended with SIGKILL")
    assert results["broken"] == Crashed("its worker stopped with ValueError: no such thing")
    assert all(isinstance(results[name], int) for name in ("well", "fine"))


def test_a_worker_does_many_jobs_and_is_replaced() -> None:
    names = [f"job {number}" for number in range(JOBS_OF_A_WORKER + 1)]
    workers = list(_results(Pool(1, _end), *names).values())
    assert len(set(workers[:-1])) == 1
    assert workers[-1] not in workers[:-1]


def test_one_that_dies_between_two_jobs_costs_the_next_and_no_more() -> None:
    pool = Pool(1, _end)
    pool.add(Job("first"))
    results = pool.results()
    _, first = next(results)
    os.kill(first, signal.SIGKILL)
    pool.add(Job("second"))
    pool.add(Job("third"))
    assert next(results)[1] == Crashed("its worker ended with SIGKILL")
    assert isinstance(next(results)[1], int)
    assert next(results, None) is None


def test_leaving_early_ends_the_workers() -> None:
    pool = Pool(2, _end)
    pool.add(Job("short"))
    pool.add(Job("long"))
    results = pool.results()
    assert next(results)[0].name == "short"
    workers = [worker.process for _, worker in pool._running.values()] + [each.process for each in pool._idle]
    results.close()  # type: ignore[attr-defined]
    assert len(workers) == 2
    assert not any(worker.is_alive() for worker in workers)
