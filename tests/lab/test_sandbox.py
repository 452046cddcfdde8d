"""What is shut in sees nothing it was not shown, reaches no process outside, and leaves nothing behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

import airlock
from airlock.course.kernel import MAX_OUTPUT, Kernel, KernelGone, started
from airlock.lab.sandbox import Sandbox
from airlock.lab.shutting import isolation

pytestmark = pytest.mark.skipif(bool(isolation()), reason=f"this machine cannot shut a kernel in: {isolation()}")
_v4: Any = nbformat.v4
PACKAGE = str(Path(airlock.__file__).resolve().parents[1])


class Shut:
    """A kernel in a sandbox, and the folders around it."""

    def __init__(self, kernel: Kernel, cell: Any, root: Path) -> None:
        self.kernel, self.cell, self.root = kernel, cell, root

    def run(self, source: str) -> str:
        """The text of what a cell put out, or the name of the error it raised."""
        self.cell.source = source
        self.kernel.run(self.cell, 0)
        shown = [output.get("ename") or output.get("text") or "" for output in self.cell.outputs]
        return "".join(shown)


@pytest.fixture
def shut(tmp_path: Path) -> Iterator[Shut]:
    """A kernel that sees ``shown`` (with ``shown/hidden`` hidden) and may write to ``open``."""
    for name in ("shown/hidden", "open", "private", "work"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    (tmp_path / "shown" / "file").write_text("shown")
    (tmp_path / "work" / "link").symlink_to(tmp_path / "private" / "file")
    os.mkfifo(tmp_path / "work" / "pipe")
    sandbox = Sandbox(
        seen=(PACKAGE, str(tmp_path / "shown")),
        written=(str(tmp_path / "open"),),
        hidden=(str(tmp_path / "shown" / "hidden"),),
    )
    with started(tmp_path / "work", dict(os.environ), timeout=20, sandbox=sandbox) as kernel:
        yield Shut(kernel, _v4.new_code_cell(""), tmp_path)


def test_what_is_seen_and_what_is_not(shut: Shut) -> None:
    assert shut.run("import os; print(sorted(os.listdir()), open('file').read())") == "['file', 'link'] work\n"
    assert shut.run("print(open('../shown/file').read())") == "shown\n"
    assert shut.run("print(os.listdir('../shown/hidden'))") == "[]\n"
    assert shut.run("open('../private/file')") == "FileNotFoundError"
    assert shut.run("open('link')") == "FileNotFoundError"
    assert shut.run("open('/etc/shadow')") == "FileNotFoundError"
    assert shut.run("os.listdir(os.path.expanduser('~/.ssh'))") == "FileNotFoundError"
    assert shut.run("from airlock.lesson import check; print('kit')") == "kit\n"


def test_nothing_is_left_behind_outside(shut: Shut) -> None:
    assert shut.run("open('new', 'w').write('x'); open('/tmp/airlock-left', 'w').write('x'); print('ok')") == "ok\n"
    assert shut.run("open('../shown/new', 'w')") == "OSError"
    assert shut.run("open('../open/new', 'w').write('x'); print('ok')") == "ok\n"
    assert not (shut.root / "work" / "new").exists()
    assert not Path("/tmp/airlock-left").exists()
    assert (shut.root / "open" / "new").exists()


def test_no_process_outside_can_be_seen_or_ended(shut: Shut) -> None:
    assert shut.run(f"import os, signal; os.kill({os.getpid()}, signal.SIGKILL)") == "ProcessLookupError"
    # Its first process is the kernel: nothing above it, nobody beside it.
    assert (
        shut.run("print(os.getpid(), os.getppid(), [n for n in os.listdir('/proc') if n.isdigit()])") == "1 0 ['1']\n"
    )


@pytest.mark.parametrize(
    "how",
    [
        "import subprocess; print(subprocess.run(['umount', '/proc'], capture_output=True).returncode != 0)",
        "import os; print(os.system('unshare --user --map-root-user --mount true 2>/dev/null') != 0)",
        "import os; print(not os.access('/proc/sys/kernel/core_pattern', os.W_OK))",
        "import ctypes; print(ctypes.CDLL(None, use_errno=True).chroot(b'/tmp') != 0)",
        "print([line for line in open('/proc/self/status') if line.startswith('CapEff')][0].split()[1] == '0' * 16)",
    ],
)
def test_no_way_out(shut: Shut, how: str) -> None:
    assert shut.run(how) == "True\n"


def test_a_daemon_ends_with_its_kernel(tmp_path: Path) -> None:
    name = f"3{os.getpid()}.5"
    sleeps = f"import subprocess; subprocess.Popen(['setsid', 'sleep', '{name}'], start_new_session=True)"
    with started(tmp_path, dict(os.environ), sandbox=Sandbox(seen=(PACKAGE,))) as kernel:
        kernel.run(_v4.new_code_cell(sleeps), 0)
        assert _comes_to(True, name)  # `setsid` goes on as another process: for a moment a list has neither
    assert _comes_to(False, name)


def _comes_to(running: bool, word: str) -> bool:
    """Whether a process of this name runs, or runs no more, within ten seconds."""
    deadline = time.monotonic() + 10
    while _running(word) is not running and time.monotonic() < deadline:
        time.sleep(0.1)
    return _running(word) is running


def _running(word: str) -> bool:
    return any(word in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"]))


def test_memory_processes_and_disk_have_an_end(shut: Shut) -> None:
    assert shut.run("held = bytearray(16 << 30)") == "MemoryError"
    bomb = (
        "import subprocess\nmade = []\ntry:\n    while len(made) < 1000:\n"
        "        made.append(subprocess.Popen(['sleep', '30']))\nexcept OSError:\n    print(len(made) < 400)"
    )
    assert shut.run(bomb) == "True\n"
    assert shut.run("for each in made: each.kill()") == ""
    full = "with open('/tmp/full', 'wb') as f:\n    while True:\n        f.write(bytes(1 << 24))"
    assert shut.run(full) == "OSError"


def test_endless_output_is_cut_and_its_cell_stopped(shut: Shut) -> None:
    began = time.monotonic()
    text = shut.run("while True:\n    print('x' * 100_000)")
    assert len(text) <= MAX_OUTPUT + 100
    assert text.endswith("KeyboardInterrupt") or time.monotonic() - began < 25
    assert shut.run("print(1)") == "1\n"


def test_an_endless_loop_is_interrupted(tmp_path: Path) -> None:
    cell = _v4.new_code_cell("x = 1\nwhile True: pass")
    with started(tmp_path, dict(os.environ), timeout=2, sandbox=Sandbox(seen=(PACKAGE,))) as kernel:
        kernel.run(cell, 0)
        assert kernel.ask("x") == "1"
        cell.source = "import os; os._exit(1)"
        with pytest.raises(KernelGone):
            kernel.run(cell, 0)
