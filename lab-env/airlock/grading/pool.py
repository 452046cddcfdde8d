"""Jobs in processes of their own, some at a time: one that crashes takes nothing else with it.

On Linux a worker is a fork of this process: what it needs is imported already. Elsewhere it is started anew.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from airlock.lab.kernel_calls import end_with_parent

TICK = 0.5  # seconds


@dataclass(frozen=True)
class Job:
    """One piece of work.

    Attributes:
        name: whatever the caller knows it by.
        work: called without arguments in the worker; what it returns is pickled.
        holds: names of what no other job may hold meanwhile.
        alone: nothing else may run meanwhile.
    """

    name: Any
    work: Callable[[], Any]
    holds: frozenset[str] = frozenset()
    alone: bool = False


@dataclass(frozen=True)
class Crashed:
    """What became of a job instead of a result; ``how`` is a clause for people."""

    how: str


@dataclass
class Pool:
    """At most ``workers`` jobs at a time. Jobs may be added while `results` is read."""

    workers: int
    _waiting: list[Job] = field(default_factory=list)
    _running: dict[Connection, tuple[Job, BaseProcess]] = field(default_factory=dict)

    def add(self, job: Job) -> None:
        """Have a job done, when its turn comes."""
        self._waiting.append(job)

    def running(self) -> list[Job]:
        """The jobs that are being done now."""
        return [job for job, _ in self._running.values()]

    def results(self, tick: Callable[[], None] = lambda: None) -> Iterator[tuple[Job, Any]]:
        """Every job with its result, or `Crashed`, as they end. Ends all workers when it is left early.

        Args:
            tick: called about every `TICK` seconds.
        """
        try:
            while self._waiting or self._running:
                while job := self._next():
                    self._start(job)
                ready = wait(list(self._running), TICK)
                tick()
                for end in ready:
                    assert isinstance(end, Connection)
                    yield self._ended(end)
        finally:
            for _, process in self._running.values():
                process.kill()
                process.join()
            self._running.clear()

    def _next(self) -> Job | None:
        if len(self._running) >= self.workers:
            return None
        now = self.running()
        if any(job.alone for job in now):
            return None
        held = frozenset().union(*(job.holds for job in now))
        for job in self._waiting:
            if not (job.holds & held or (job.alone and now)):
                self._waiting.remove(job)
                return job
        return None

    def _start(self, job: Job) -> None:
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(theirs, job.work), daemon=False)
        process.start()
        theirs.close()
        self._running[mine] = (job, process)

    def _ended(self, end: Connection) -> tuple[Job, Any]:
        job, process = self._running.pop(end)
        try:
            result = end.recv()
        except EOFError:
            process.join()
            result = Crashed(f"its worker ended with {_exit(process.exitcode)}")
        end.close()
        process.join()
        return job, result


def _work(end: Connection, work: Callable[[], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends this
    if sys.platform == "linux":
        end_with_parent()
    try:
        result = work()
    except Exception as error:
        traceback.clear_frames(error.__traceback__)
        result = Crashed(f"its worker stopped with {type(error).__name__}: {error}")
    end.send(result)


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"code {code}"
