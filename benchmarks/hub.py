"""Learners side by side on one JupyterHub, measured: memory and time, at rest and with lesson 1.

    sudo .venv/bin/python -m benchmarks.hub 1 3 5

Makes that many temporary accounts, starts a hub, and lets all learners begin at the same moment; for each number anew.
Memory is PSS in MiB (the kernel's /proc/*/smaps_rollup): what several processes share is counted once, so the sum is
what the machine has to have. File pages that no process has mapped are left out. Times are wall-clock seconds; CPU
seconds are those of the processes that live and of those they have waited for, and so a little less than all.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psutil

from tests.hub import lesson
from tests.hub.browser import Browser
from tests.hub.workshop import Workshop, obstacle, opened

_REST = 30  # seconds, until what the start has stirred up is still
_EVERY = 5  # seconds between two looks: a look at 150 processes costs a second of a CPU


@dataclass(frozen=True)
class Row:
    """One number of learners; the slowest one's times, the memory of all of them, the CPU time of one on average.

    Attributes:
        page, lab, lesson: seconds until JupyterLab is there, until the lab is up, and of the lesson.
        hub, rest, most: MiB of hub and proxy, of all learners at rest, and at most during the lesson.
        cpu_start, cpu_lesson: CPU seconds of a learner's start and lesson.
        cpu_rest: share of a CPU that a lab at rest takes.
    """

    learners: int
    page: float
    lab: float
    lesson: float
    hub: float
    rest: float
    most: float
    cpu_start: float
    cpu_rest: float
    cpu_lesson: float


def pss(processes: Iterable[psutil.Process]) -> float:
    """MiB of processes together."""
    whole = 0
    for process in processes:
        try:
            whole += process.memory_full_info().pss
        except psutil.Error:
            continue
    return whole / 2**20


def of_learners(workshop: Workshop) -> float:
    """MiB of everything that runs under the learners' accounts."""
    return pss(process for name in workshop.passwords for process in workshop.processes(name))


def cpu_of_learners(workshop: Workshop) -> float:
    """CPU seconds that the learners' processes have had so far."""
    whole = 0.0
    for name in workshop.passwords:
        for process in workshop.processes(name):
            try:
                whole += sum(process.cpu_times()[:4])
            except psutil.Error:
                continue
    return whole


def most_during(workshop: Workshop, what: Callable[[], Any]) -> float:
    """The largest of the looks that are taken while it runs."""
    over, seen = threading.Event(), [0.0]

    def look() -> None:
        while not over.wait(_EVERY):
            seen.append(of_learners(workshop))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        what()
    finally:
        over.set()
        looking.join()
    return max(seen)


def measure(learners: int) -> Row:
    """One workshop with this many learners."""
    with opened(learners) as workshop, ThreadPoolExecutor(learners) as pool:
        browsers = [workshop.browser(name) for name in workshop.passwords]
        begin = time.monotonic()

        def arrive(browser: Browser) -> tuple[float, float]:
            browser.sign_in()
            browser.start_server()
            page = time.monotonic() - begin
            workshop.await_lab(browser.name, 900)
            return page, time.monotonic() - begin

        times = list(pool.map(arrive, browsers))
        started = cpu_of_learners(workshop)
        time.sleep(_REST)
        rested = cpu_of_learners(workshop)
        assert workshop.hub is not None
        own = psutil.Process(workshop.hub.pid)
        hub = pss([own, *(child for child in own.children() if child.uids().real == own.uids().real)])
        rest = of_learners(workshop)
        before = cpu_of_learners(workshop)
        done: list[lesson.Done] = []
        most = most_during(workshop, lambda: done.extend(pool.map(lesson.work_through, browsers)))
        assert not any(each.lost for each in done), done
        worked = cpu_of_learners(workshop) - before
    page, lab = (max(column) for column in zip(*times, strict=True))
    return Row(
        learners,
        *(page, lab, max(each.seconds for each in done)),
        *(hub, rest, most),
        *(started / learners, (rested - started) / _REST / learners, worked / learners),
    )


def main() -> None:
    """Measure and print."""
    if why := obstacle():
        sys.exit(f"No hub can be started here: {why}")
    numbers = [int(word) for word in sys.argv[1:]] or [1, 3, 5]
    cores, load = psutil.cpu_count(), psutil.getloadavg()[0]
    print(f"{cores} cores, load before {load:.1f}; seconds of the slowest, MiB of all learners, CPU of one learner\n")
    print("learners  page s  lab s  lesson s  hub MiB  at rest  lesson, most  CPU s start  CPU at rest  CPU s lesson")
    for number in numbers:
        row = measure(number)
        print(
            f"{row.learners:8} {row.page:7.0f} {row.lab:6.0f} {row.lesson:9.0f} {row.hub:8.0f} {row.rest:8.0f}"
            f" {row.most:13.0f} {row.cpu_start:12.0f} {row.cpu_rest:12.2f} {row.cpu_lesson:13.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
