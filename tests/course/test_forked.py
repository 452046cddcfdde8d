"""A forked kernel and one that was started: the same to whoever uses it, and nothing of its siblings in it."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import sys
import time
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import psutil
import pytest

import airlock
from airlock.course import forked, forkserver
from airlock.course.kernel import Kernel, KernelGone, started
from airlock.course.link import Link
from airlock.lab.sandbox import Sandbox
from airlock.lab.shutting import gate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
_v4: Any = nbformat.v4
PACKAGE = str(Path(airlock.__file__).resolve().parents[1])
CELLS = (
    # First: what importing Airflow does to a process (its path, its loggers) a fork has at its beginning.
    "from airflow.sdk import Connection\nConnection(conn_id='a', conn_type='postgres', host='b', port=1).get_uri()",
    "import os, sys\nours = {'IPYTHONDIR', 'PYTEST_CURRENT_TEST'}",
    "(sorted(set(os.environ) - ours), os.getcwd(), sys.path)",
    "sys.flags",
    "sorted({name: value for name, value in os.environ.items() if 'AIRLOCK' in name}.items())",
    "print('to stdout'); print('to stderr', file=sys.stderr); 1",
    "import time\nos.system('echo from a child'); time.sleep(0.3)",
    "os.system('echo from a child >&2'); time.sleep(0.3)",
    "await __import__('asyncio').sleep(0.01); 'awaited'",
    "import asyncio\nasyncio.run(asyncio.sleep(0))",
    "async def later():\n    global done\n    done = 'done between cells'\nkept = asyncio.create_task(later())",
    "done",
    "from IPython.display import clear_output, display, update_display\nprint('gone'); clear_output(); print('kept')",
    "display('one', display_id='x')",
    "update_display('two', display_id='x')",
    "import ipywidgets\nipywidgets.IntSlider(3)",
    "import threading\nthread = threading.Thread(target=print, args=('from a thread',)); thread.start(); thread.join()",
    "!echo from the shell; echo to its stderr >&2",
    "%%bash\necho one",
    "def f(:",
    "%pwd",
    "%store kept_not",
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
    made = [_v4.new_code_cell(source) for source in cells]
    with started(folder, {**os.environ, **env}, timeout=30) as kernel:
        for index, cell in enumerate(made):
            kernel.run(cell, index)
    return [cell.outputs for cell in made]


# Looks for a text that it does not hold itself: for the half of it, and then at a digest of the whole.
SEARCH = """
import hashlib, re
def found(half, length, digest):
    count = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if rights.startswith("rw") and "[v" not in line:
                start, end = (int(each, 16) for each in span.split("-"))
                memory.seek(start)
                held = memory.read(end - start)
                for each in re.finditer(half.encode(), held):
                    whole = held[each.start() : each.start() + length]
                    count += hashlib.sha256(whole).hexdigest() == digest
    return count
"""
BOXES = pytest.mark.parametrize(
    "box",
    [None, pytest.param(Sandbox(seen=(PACKAGE,), ports=()), marks=pytest.mark.skipif(bool(gate()), reason=gate()))],
    ids=["free", "shut in"],
)


def _process(kernel: Kernel) -> psutil.Process:
    kernel.ask("1")  # it has begun
    return psutil.Process(kernel._process.pid)


def test_every_output_is_what_a_stock_kernel_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = "5" * 32
    a_fork = _outputs(tmp_path, *CELLS, AIRLOCK_SEED=seed)
    stock = _stock(tmp_path, *CELLS, AIRLOCK_SEED=seed)
    monkeypatch.setattr(forked, "_server", lambda *_: None)
    a_process = _outputs(tmp_path, *CELLS, AIRLOCK_SEED=seed)
    for source, *three in zip(CELLS, stock, a_fork, a_process, strict=True):
        assert _comparable(three[0]) == _comparable(three[1]) == _comparable(three[2]), source


def _stock(folder: Path, *cells: str, **env: str) -> list[Any]:
    """What ipykernel and nbclient, which JupyterLab's kernel and stock nbgrader are, make of cells."""
    made = _v4.new_notebook(cells=[_v4.new_code_cell(source) for source in cells])
    client = nbclient.NotebookClient(
        made, allow_errors=True, kernel_name="python3", coalesce_streams=True, resources={"metadata": {"path": folder}}
    )
    # Under pytest, ipykernel lets what children write pass by.
    client.execute(env={name: value for name, value in {**os.environ, **env}.items() if name != "PYTEST_CURRENT_TEST"})
    return [cell.outputs for cell in made.cells]


def _comparable(outputs: list[Any]) -> str:
    unlike = re.compile(r"/ipykernel_|[0-9a-f]{32}|[0-9]+")  # a process, a widget's model, a time
    return unlike.sub("", repr(outputs))


def test_kernels_of_one_server_share_nothing(tmp_path: Path) -> None:
    look = "import random, airlock.lesson as kit\n(getattr(kit, 'spoilt', 'clean'), random.random())"
    [_], [first] = _outputs(tmp_path, "import airlock.lesson as kit\nkit.spoilt = 'spoilt'; 0", look)
    [second] = _outputs(tmp_path, look)
    [third] = _outputs(tmp_path, look)
    assert "spoilt" in str(first)
    assert "clean" in str(second)
    assert second[0].data != third[0].data


@BOXES
def test_a_kernel_is_a_fork_that_holds_no_socket_of_the_server(tmp_path: Path, box: Sandbox | None) -> None:
    with started(tmp_path, dict(os.environ), sandbox=box) as kernel:
        server = forked.server_for(dict(os.environ))
        process = _process(kernel)
        assert process.ppid() == server._process.pid
        held = {os.readlink(link) for link in Path(f"/proc/{server._process.pid}/fd").iterdir()}
        shared = {name for name in held if name.startswith("socket:")}
        assert len(shared) == 2  # who asks for kernels; who is asked for watches
        assert not shared & {os.readlink(link) for link in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@BOXES
def test_a_kernel_finds_nothing_of_an_earlier_one_in_its_memory(tmp_path: Path, box: Sandbox | None) -> None:
    seed, own = secrets.token_hex(16), secrets.token_hex(16)
    with started(tmp_path, {**os.environ, "AIRLOCK_SEED": seed}, sandbox=box) as kernel:
        assert kernel.ask("__import__('os').environ['AIRLOCK_SEED']") == seed
    with started(tmp_path, {**os.environ, "AIRLOCK_SEED": own}, sandbox=box) as kernel:
        kernel.run(_v4.new_code_cell(SEARCH), 0)
        for each, there in ((own, True), (seed, False)):
            digest = hashlib.sha256(each.encode()).hexdigest()
            assert (kernel.ask(f"found({each[:16]!r}, {len(each)}, {digest!r})") != "0") is there


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (forkserver.shutting, "fork"),  # in the server
        (Path, "write_text"),  # in the fork
    ],
)
def test_a_fork_that_cannot_be_says_why(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    def refused(*_: Any) -> int:
        raise OSError("no more processes here")

    monkeypatch.setattr(owner, name, refused)
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asks, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    link = Link()
    socket.send_fds(asks, [forkserver.SHUT_IN], [theirs.fileno(), *link.ends])
    asks.close()
    assert forkserver._serve(asked) is None
    theirs.close()
    with pytest.raises(forked.ServerGone, match="no more processes here"):
        forked._begun(mine)
    for each in (mine, asked, link):
        each.close()


@BOXES
def test_a_fork_that_cannot_begin_says_why(tmp_path: Path, box: Sandbox | None) -> None:
    server, link = forked.server_for(dict(os.environ)), Link()
    with pytest.raises(forked.ServerGone, match="No such file"):
        server.fork(link.ends, dict(os.environ), str(tmp_path / "nowhere"), box)
    link.close()


def test_what_a_kernel_started_ends_with_it(tmp_path: Path) -> None:
    with started(tmp_path, dict(os.environ)) as kernel:
        kernel.run(_v4.new_code_cell("import subprocess\nkept = subprocess.Popen(['sleep', '60'])"), 0)
        child = psutil.Process(int(kernel.ask("kept.pid")))
    _, alive = psutil.wait_procs([child], timeout=5)
    assert not alive


def test_two_at_once_and_one_that_dies(tmp_path: Path) -> None:
    with started(tmp_path, dict(os.environ)) as one, started(tmp_path, dict(os.environ)) as other:
        assert _process(one).pid != _process(other).pid
        with pytest.raises(KernelGone):
            one.run(_v4.new_code_cell("import os\nos._exit(1)"), 0)
        assert other.ask("1 + 1") == "2"


def test_kernels_end_with_the_server(tmp_path: Path) -> None:
    server, link = forked.ForkServer(dict(os.environ)), Link()
    server.ready()
    child = server.fork(link.ends, dict(os.environ), str(tmp_path))
    link.ask({"number": 1, "code": "while True: print(end='.', flush=True)", "expression": None})
    next(link.messages(time.monotonic() + 20))  # it is busy, and reads no link
    assert child.poll() is None
    server.close()
    assert child.wait(5) == 0
    with pytest.raises(forked.ServerGone):
        server.fork(link.ends, {}, "/")
    link.close()


def test_an_import_that_fails_leaves_started_kernels(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "airflow.py").write_text("raise RuntimeError('no Airflow today')")
    [[shown]] = _outputs(tmp_path, "6 * 7", PYTHONPATH=str(broken))
    assert shown.data["text/plain"] == "42"
