"""A forked kernel against one of ours that is started, and against Jupyter's own, in turns in one run on one machine.

    uv run --locked python benchmarks/kernels.py

A kernel is started, imports what lesson 1 imports, runs some short cells, and is stopped. Wall-clock seconds, and the
CPU seconds of the kernel's process; the median of some rounds. The fork server's own warm-up is shown apart.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import psutil

from airlock.course import forked
from airlock.course.kernel import started

ROUNDS = 5
IMPORTS = """
from airflow.sdk import Connection
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airlock.lesson import check, me
Connection(conn_id="a", conn_type="postgres", host="b").get_uri()
"""
CELLS = (IMPORTS, *(f"print({number})" for number in range(20)), "__import__('os').getpid()")
Measured = tuple[float, float]
"""Wall-clock and CPU seconds."""


def ours(folder: Path) -> Measured:
    """From nothing to a stopped kernel that has used Airflow."""
    cells = _cells()
    begin = time.monotonic()
    with started(folder, dict(os.environ)) as kernel:
        for index, cell in enumerate(cells):
            kernel.run(cell, index)
        spent = _spent(cells)
    return time.monotonic() - begin, spent


def jupyters(folder: Path) -> Measured:
    """The same, as stock nbgrader runs a notebook."""
    notebook: Any = nbformat.v4.new_notebook(cells=_cells())  # type: ignore[no-untyped-call]
    client = nbclient.NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    begin, spent = time.monotonic(), 0.0
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        spent = _spent(notebook.cells)
    return time.monotonic() - begin, spent


def _cells() -> list[Any]:
    return [nbformat.v4.new_code_cell(source) for source in CELLS]  # type: ignore[no-untyped-call]


def _spent(cells: list[Any]) -> float:
    shown = [output for cell in cells for output in cell.outputs]
    assert not any(output.output_type == "error" for output in shown)
    times = psutil.Process(int(shown[-1].data["text/plain"])).cpu_times()
    return times.user + times.system


def main() -> None:
    """Print all, and their ratios."""
    begin = time.monotonic()
    server = forked.server_for(dict(os.environ))
    warm_up = time.monotonic() - begin
    ways = {"Jupyter's": (jupyters, server), "ours, started": (ours, None), "ours, forked": (ours, server)}
    measured: dict[str, list[Measured]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        ours(Path(folder))
        for _ in range(ROUNDS):
            for name, (once, found) in ways.items():
                forked._server = lambda *_, found=found: found  # type: ignore[assignment]
                measured[name].append(once(Path(folder)))
    print(f"the fork server is warm after {warm_up:.1f} s, once; a notebook of {len(CELLS)} cells\n")
    print(f"{'':14} {'wall, s':>8} {'CPU, s':>8} {'x wall':>7} {'x CPU':>7}")
    first = [statistics.median(each[kind] for each in measured["Jupyter's"]) for kind in (0, 1)]
    for name, rounds in measured.items():
        wall, cpu = (statistics.median(each[kind] for each in rounds) for kind in (0, 1))
        print(f"{name:14} {wall:8.3f} {cpu:8.3f} {first[0] / wall:7.1f} {first[1] / cpu:7.1f}")


if __name__ == "__main__":
    main()
