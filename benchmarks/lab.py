"""The lab against stock `airflow standalone`, measured in one run on one machine.

    uv run --locked python benchmarks/lab.py

Both start from nothing (no state, byte code compiled, page cache warm: stock is started once before it is
measured). Times are wall-clock seconds, memory is PSS (/proc/PID/smaps_rollup, Linux only) in MiB.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
from jupyter_client.manager import start_new_kernel

from airlock.lab import Lab, View
from airlock.lab.airflow import AirflowClient
from airlock.lab.ground import Ground
from airlock.lab.provision import reset_view
from airlock.lab.services.jupyter import url
from airlock.lab.supervisor import Supervisor
from airlock.lab.view import learner_seed

STOCK_PORT = 20890


def pss(pids: list[int]) -> float:
    """Proportional set size of some processes together, in MiB."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))  # type: ignore[union-attr]
    return total / 1024


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]


def wait(question: Callable[[], bool], seconds: float) -> float:
    """Seconds until ``question`` is true."""
    begin = time.monotonic()
    while not question():
        if time.monotonic() - begin > seconds:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.1)
    return time.monotonic() - begin


def stock(settle: float) -> tuple[float, float]:
    """Start `airflow standalone` in an empty home: seconds until healthy, MiB once settled."""
    address = f"http://127.0.0.1:{STOCK_PORT}"
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        environment |= {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # it starts its parts by name
            "AIRFLOW_HOME": home,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(STOCK_PORT),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        }
        with open(os.devnull, "w") as nowhere:
            process = subprocess.Popen(
                [str(Path(sys.executable).parent / "airflow"), "standalone"],
                env=environment,
                stdout=nowhere,
                stderr=nowhere,
                start_new_session=True,
            )

        def healthy() -> bool:
            try:
                health = httpx.get(f"{address}/api/v2/monitor/health", timeout=2, trust_env=False).json()
            except (httpx.HTTPError, ValueError):
                return False
            return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler"))

        try:
            seconds = wait(healthy, 150)
            time.sleep(settle)
            return seconds, pss(tree(process.pid))
        finally:
            family = [psutil.Process(pid) for pid in tree(process.pid)]
            os.killpg(process.pid, signal.SIGKILL)
            for member in family:
                if member.is_running():
                    member.kill()
            psutil.wait_procs(family, timeout=10)


def airlock(*words: str, state: Path) -> float:
    """Run a command of the course; how many seconds it took."""
    begin = time.monotonic()
    environment = os.environ | {"AIRLOCK_STATE": str(state), "AIRLOCK_WORK": str(state.parent / "work")}
    subprocess.run(
        [sys.executable, "-m", "airlock.cli", *words], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - begin


def kernel_with_airflow() -> tuple[object, int]:
    """A kernel as lesson 1 leaves it: the SDK and a hook imported."""
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive(
        "from airflow.sdk import Connection\nfrom airflow.providers.postgres.hooks.postgres import PostgresHook",
        timeout=120,
        output_hook=lambda _: None,
    )
    return manager, manager.provisioner.pid  # type: ignore[union-attr]


def main() -> None:
    """Measure and print."""
    settle = 15.0
    stock(0)  # warms the page cache for both
    stock_seconds, stock_memory = stock(settle)

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        try:
            up_seconds = airlock("up", state=state)
            time.sleep(settle)
            lab = Lab.current(state)
            view, airflow = View(lab, learner_seed(state)), AirflowClient(lab)
            supervisor = Supervisor(Ground(state))
            rows = {name: pss(tree(s.pid)) for name, s in supervisor.states().items() if s.running}
            rows["supervisord"] = pss([psutil.Process(s.pid).ppid() for s in supervisor.states().values() if s.pid][:1])

            runs = warm_runs(airflow, view)
            begin = time.monotonic()
            reset_view(view)
            reset_seconds = time.monotonic() - begin

            learn_seconds = airlock("learn", "--no-browser", state=state)
            assert httpx.get(f"{url(Ground(state))}/api", trust_env=False).status_code == 200
            rows["jupyter"] = pss(tree(supervisor.states()["jupyter"].pid))
            manager, pid = kernel_with_airflow()
            rows["one kernel, Airflow imported"] = pss([pid])
            manager.shutdown_kernel(now=True)  # type: ignore[attr-defined]
        finally:
            airlock("down", state=state)

    total = sum(rows.values())
    print(f"{'stock airflow standalone, alone':40} {stock_seconds:7.1f} s  {stock_memory:7.0f} MiB")
    print(f"{'the whole lab, JupyterLab and a kernel':40} {up_seconds:7.1f} s  {total:7.0f} MiB")
    print(f"{'ratio, lab / stock':40} {up_seconds / stock_seconds:7.2f}    {total / stock_memory:7.2f}")
    print("\nmemory, MiB PSS")
    for name, size in sorted(rows.items(), key=lambda row: -row[1]):
        print(f"  {name:38} {size:6.0f}")
    print(f"\nJupyterLab added to a running lab      {learn_seconds:6.1f} s")
    print(f"reset of a learner's part              {reset_seconds:6.2f} s")
    print(f"DAG, trigger to success: first         {runs[0]:6.2f} s")
    print(f"DAG, trigger to success: warm, median  {statistics.median(runs[1:]):6.2f} s of {len(runs) - 1}")


def warm_runs(airflow: AirflowClient, view: View, count: int = 6) -> list[float]:
    """Seconds from trigger to success of `orders_report`, the first run included."""
    shop, conn_id = view.shop, f"{view.prefix}_shop"
    fields = {"connection_id": conn_id, "conn_type": "postgres", "host": shop.host, "port": shop.port}
    fields |= {"schema": shop.database, "login": shop.user, "password": shop.password}
    airflow.request("POST", "/api/v2/connections", fields)
    runs = [airflow.run_dag("orders_report", {"conn_id": conn_id, "team": view.prefix}) for _ in range(count)]
    assert {run.state for run in runs} == {"success"}
    return [run.seconds for run in runs]


if __name__ == "__main__":
    main()
