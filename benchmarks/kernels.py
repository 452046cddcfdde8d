"""A forked kernel against one that is started, measured in turns in one run on one machine.

    uv run --locked python benchmarks/kernels.py

A kernel is started, imports what lesson 1 imports, and is stopped. Wall-clock seconds, and the CPU seconds of the
kernel's process and its children; the median of some rounds. The fork server's own warm-up is shown apart.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil

from airlock.course import forked
from airlock.course.kernel import started

ROUNDS = 5
CELL = """
from airflow.sdk import Connection
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airlock.lesson import check, me
Connection(conn_id="a", conn_type="postgres", host="b").get_uri()
"""


def once(folder: Path) -> tuple[float, float]:
    """Wall-clock and CPU seconds from nothing to a stopped kernel that has used Airflow."""
    cell: Any = nbformat.v4.new_code_cell(CELL)  # type: ignore[no-untyped-call]
    begin = time.monotonic()
    with started(folder, dict(os.environ)) as kernel:
        kernel.run(cell, 0)
        assert all(output.output_type != "error" for output in cell.outputs)
        spent = psutil.Process(int(kernel.ask("__import__('os').getpid()"))).cpu_times()
    return time.monotonic() - begin, spent.user + spent.system


def main() -> None:
    """Print both, and their ratio."""
    begin = time.monotonic()
    server = forked.server_for(dict(os.environ))
    warm_up = time.monotonic() - begin
    find = forked._server
    measured: dict[str, list[tuple[float, float]]] = {"started": [], "forked": []}
    with tempfile.TemporaryDirectory() as folder:
        once(Path(folder))
        for _ in range(ROUNDS):
            for name, found in (("started", None), ("forked", server)):
                forked._server = lambda *_, found=found: found  # type: ignore[assignment]
                measured[name].append(once(Path(folder)))
    forked._server = find
    wall, cpu = (
        {name: statistics.median(each[kind] for each in measured[name]) for name in measured} for kind in (0, 1)
    )
    print(f"the fork server is warm after {warm_up:.1f} s, once")
    for name in measured:
        print(f"{name:8}  {wall[name]:6.2f} s   {cpu[name]:6.2f} CPU s")
    print(f"ratio     {wall['started'] / wall['forked']:6.1f}     {cpu['started'] / cpu['forked']:6.1f}")


if __name__ == "__main__":
    main()
