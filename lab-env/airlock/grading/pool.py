"""Jobs in other processes, some at a time: one that crashes takes nothing else with it.

On Linux a worker is a fork of this process: what it needs is imported already. Elsewhere it is started anew. It does
one job after the other, as a fork costs a tenth of what a hand-in does, and is replaced now and then: what one job
leaves behind does not add up over a class.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from airlock.lab.kernel_calls import end_with_parent

TICK = 0.5  # seconds
JOBS_OF_A_WORKER = 25


@dataclass(frozen=True)
class Job:
    """One piece of work.

    Attributes:
        name: whatever the caller knows it by; a worker is told it, pickled.
        holds: names of what no other job may hold meanwhile.
        alone: nothing else may run meanwhile.
    """

    name: Any
    holds: frozenset[str] = frozenset()
    alone: bool = False


@dataclass(frozen=True)
class Crashed:
    """What became of a job instead of a result; ``how`` is a clause for people."""

    how: str


class _Worker:
    """A process that does jobs, and this process's end of it."""

    def __init__(self, do: Callable[[Any], Any]) -> None:
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self.end, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(theirs, do), daemon=False)
        self.process.start()
        theirs.close()
        self._left = JOBS_OF_A_WORKER

    def give(self, name: Any) -> None:
        """Have a job done."""
        self._left -= 1
        with suppress(BrokenPipeError):  # it has died since its last job, and `take` says so
            self.end.send((name,))

    def take(self) -> tuple[Any, bool]:
        """The result, and whether it can have another job. Waits for it."""
        try:
            return self.end.recv(), self._left > 0
        except (EOFError, ConnectionResetError):
            self.process.join()
            return Crashed(f"its worker ended with {_exit(self.process.exitcode)}"), False

    def dismiss(self, at_once: bool = False) -> None:
        """End it; without ``at_once`` it has nothing to do."""
        if at_once:
            self.process.kill()
        with suppress(BrokenPipeError):  # closing would not tell it: workers that were forked later have this end, too
            self.end.send(())
        self.end.close()
        self.process.join()


class Pool:
    """Jobs may be added while `results` is read.

    Args:
        workers: how many jobs at a time.
        do: called in a worker with the name of a job; what it returns is pickled. Where workers are started anew, it
            is pickled as well.
    """

    def __init__(self, workers: int, do: Callable[[Any], Any]) -> None:
        self._workers = workers
        self._do = do
        self._waiting: list[Job] = []
        self._idle: list[_Worker] = []
        self._running: dict[Connection, tuple[Job, _Worker]] = {}

    def add(self, job: Job) -> None:
        """Have a job done, when its turn comes."""
        self._waiting.append(job)

    def running(self) -> list[Job]:
        """The jobs that are being done now."""
        return [job for job, _ in self._running.values()]

    def results(self, tick: Callable[[], None] = lambda: None) -> Iterator[tuple[Job, Any]]:
        """Every job with its result, or `Crashed`, as they end. Ends all workers, at once when it is left early.

        Args:
            tick: called about every `TICK` seconds.
        """
        try:
            while self._waiting or self._running:
                while job := self._next():
                    worker = self._idle.pop() if self._idle else _Worker(self._do)
                    self._running[worker.end] = (job, worker)
                    worker.give(job.name)
                ready = wait(list(self._running), TICK)
                tick()
                for end in ready:
                    assert isinstance(end, Connection)
                    yield self._ended(end)
        finally:
            for _, worker in self._running.values():
                worker.dismiss(at_once=True)
            for worker in self._idle:
                worker.dismiss()
            self._running.clear()
            self._idle.clear()

    def _next(self) -> Job | None:
        if len(self._running) >= self._workers:
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

    def _ended(self, end: Connection) -> tuple[Job, Any]:
        job, worker = self._running.pop(end)
        result, again = worker.take()
        if again:
            self._idle.append(worker)
        else:
            worker.dismiss()
        return job, result


def _work(end: Connection, do: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends this
    if sys.platform == "linux":
        end_with_parent()
    while given := end.recv():
        try:
            result = do(*given)
        except Exception as error:
            traceback.clear_frames(error.__traceback__)
            result = Crashed(f"its worker stopped with {type(error).__name__}: {error}")
        end.send(result)


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"code {code}"
