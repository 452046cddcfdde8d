"""A forked kernel and one that was started: the same to whoever uses it, and nothing of its siblings in it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from airlock.course import forked
from airlock.course.kernel import Kernel, KernelGone, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
_v4: Any = nbformat.v4
CELLS = (
    # First: what importing Airflow does to a process (its path, its loggers) a fork has at its beginning.
    "from airflow.sdk import Connection\nConnection(conn_id='a', conn_type='postgres', host='b', port=1).get_uri()",
    "import os, sys\n(sorted(set(os.environ) - {'PYTEST_CURRENT_TEST'}), os.getcwd(), sys.path, sys.flags)",
    "sorted({name: value for name, value in os.environ.items() if 'AIRLOCK' in name}.items())",
    "print('to stdout'); print('to stderr', file=sys.stderr); os.system('echo from a child'); 1",
    "import warnings, logging\nwarnings.warn('old')\nlogging.warning('loud')",
    "1 / 0",
    "undefined",
    "%lsmagic",
    "(__name__, sys.modules['__main__'].__dict__ is globals(), sys.argv[0], sorted(globals()))",
    "import signal, threading\n(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD), os.umask(0o22))",
    "(os.getpid() == os.getpgid(0) == os.getsid(0), threading.active_count(), sys.stdin.closed)",
    "from IPython.display import HTML\nHTML('<b>x</b>')",
    "input()",
    "sys.getrecursionlimit(), sys.getswitchinterval(), __import__('gc').isenabled()",
    "import subprocess\nsubprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True).stdout",
    "raise SystemExit(3)",
)


def _outputs(folder: Path, *cells: str, **env: str) -> list[Any]:
    made = _v4.new_notebook(cells=[_v4.new_code_cell(source) for source in cells])
    with started(made, folder, {**os.environ, **env}, timeout=30) as kernel:
        for index, cell in enumerate(made.cells):
            kernel.run(cell, index)
    return [cell.outputs for cell in made.cells]


def _process(kernel: Kernel) -> psutil.Process:
    return psutil.Process(int(kernel.ask("__import__('os').getpid()")))


def test_every_output_is_what_a_started_kernel_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_fork = _outputs(tmp_path, *CELLS, AIRLOCK_SEED="5" * 32)
    monkeypatch.setattr(forked, "_server", lambda *_: None)
    a_process = _outputs(tmp_path, *CELLS, AIRLOCK_SEED="5" * 32)
    for source, one, other in zip(CELLS, a_fork, a_process, strict=True):
        assert _comparable(one) == _comparable(other), source


def _comparable(outputs: list[Any]) -> str:
    return repr(outputs).replace("/ipykernel_", "").translate(str.maketrans("", "", "0123456789"))


def test_kernels_of_one_server_share_nothing(tmp_path: Path) -> None:
    look = "import random, airlock.lesson as kit\n(getattr(kit, 'spoilt', 'clean'), random.random())"
    [_], [first] = _outputs(tmp_path, "import airlock.lesson as kit\nkit.spoilt = 'spoilt'; 0", look)
    [second] = _outputs(tmp_path, look)
    [third] = _outputs(tmp_path, look)
    assert "spoilt" in str(first)
    assert "clean" in str(second)
    assert second[0].data != third[0].data


def test_a_kernel_is_a_fork_that_holds_no_file_of_the_server(tmp_path: Path) -> None:
    made = _v4.new_notebook(cells=[_v4.new_code_cell("")])
    with started(made, tmp_path, dict(os.environ)) as kernel:
        server = forked.server_for(dict(os.environ))
        process = _process(kernel)
        assert process.ppid() == server._process.pid
        held = {os.readlink(link) for link in Path(f"/proc/{server._process.pid}/fd").iterdir()}
        [shared] = [name for name in held if name.startswith("socket:")]
        assert shared not in {os.readlink(link) for link in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_what_a_kernel_started_ends_with_it(tmp_path: Path) -> None:
    made = _v4.new_notebook(cells=[_v4.new_code_cell("import subprocess\nkept = subprocess.Popen(['sleep', '60'])")])
    with started(made, tmp_path, dict(os.environ)) as kernel:
        kernel.run(made.cells[0], 0)
        child = psutil.Process(int(kernel.ask("kept.pid")))
    _, alive = psutil.wait_procs([child], timeout=5)
    assert not alive


def test_two_at_once_and_one_that_dies(tmp_path: Path) -> None:
    ones, others = (_v4.new_notebook(cells=[_v4.new_code_cell("import os\nos._exit(1)")]) for _ in range(2))
    with started(ones, tmp_path, dict(os.environ)) as one, started(others, tmp_path, dict(os.environ)) as other:
        assert _process(one).pid != _process(other).pid
        with pytest.raises(KernelGone):
            one.run(ones.cells[0], 0)
        assert other.ask("1 + 1") == "2"


def test_kernels_end_with_the_server(tmp_path: Path) -> None:
    server = forked.ForkServer(dict(os.environ))
    connection = tmp_path / "kernel.json"
    child = server.fork(["-f", str(connection)], dict(os.environ), str(tmp_path))
    deadline = time.monotonic() + 20
    while not connection.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert child.poll() is None
    server.close()
    assert child.wait() == 0
    with pytest.raises(forked.ServerGone):
        server.fork([], {}, "/")


def test_an_import_that_fails_leaves_started_kernels(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "airflow.py").write_text("raise RuntimeError('no Airflow today')")
    [[shown]] = _outputs(tmp_path, "6 * 7", PYTHONPATH=str(broken))
    assert shown.data["text/plain"] == "42"
