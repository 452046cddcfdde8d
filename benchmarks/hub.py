"""Learners side by side on one JupyterHub, measured: memory and time, at rest and with lesson 1.

    sudo .venv/bin/python -m benchmarks.hub 1 3 5

Makes that many temporary accounts, starts a hub, and lets all learners begin at the same moment; for each number anew.
Memory is PSS in MiB (the kernel's /proc/*/smaps_rollup): what several processes share is counted once, so the sum is
what the machine has to have. File pages that no process has mapped are left out. Times are wall-clock seconds.
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
    """One number of learners: seconds to the page, to the lab, of the lesson; MiB of hub, all labs at rest, at most."""

    learners: int
    page: float
    lab: float
    lesson: float
    hub: float
    rest: float
    most: float


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
        time.sleep(_REST)
        assert workshop.hub is not None
        own = psutil.Process(workshop.hub.pid)
        hub = pss([own, *(child for child in own.children() if child.uids().real == own.uids().real)])
        rest = of_learners(workshop)
        done: list[lesson.Done] = []
        most = most_during(workshop, lambda: done.extend(pool.map(lesson.work_through, browsers)))
        assert not any(each.lost for each in done), done
    page, lab = (max(column) for column in zip(*times, strict=True))
    return Row(learners, page, lab, max(each.seconds for each in done), hub, rest, most)


def main() -> None:
    """Measure and print."""
    if why := obstacle():
        sys.exit(f"No hub can be started here: {why}")
    numbers = [int(word) for word in sys.argv[1:]] or [1, 3, 5]
    cores, load = psutil.cpu_count(), psutil.getloadavg()[0]
    print(
        f"{cores} cores, load before {load:.1f}; the slowest learner's times; memory in MiB of all learners together\n"
    )
    print("learners   page s    lab s  lesson s      hub     at rest  each  lesson 1, most  each")
    for number in numbers:
        row = measure(number)
        print(
            f"{row.learners:8} {row.page:8.0f} {row.lab:8.0f} {row.lesson:9.0f} {row.hub:8.0f} {row.rest:11.0f}"
            f" {row.rest / number:5.0f} {row.most:15.0f} {row.most / number:5.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
