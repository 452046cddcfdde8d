"""Hand-ins that reach for what is not theirs: solutions, neighbours, the gradebook, processes, the disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

import airlock
from airlock.course import layout
from airlock.grading import isolation
from tests.grading.conftest import Class, code

shut_in = pytest.mark.skipif(bool(isolation.weakness()), reason=f"no sandbox here: {isolation.weakness()}")


def _said(notebook: NotebookNode) -> str:
    return "".join(output.get("text", "") or output.get("ename", "") for output in notebook.cells[0].outputs)


def _with(school: Class, source: str) -> NotebookNode:
    """An honest notebook, and ``source`` before everything else."""
    notebook = school.solved()
    notebook.cells.insert(0, code(source))
    return notebook


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@shut_in
def test_files_of_the_instructor_and_of_neighbours_are_not_there(school: Class, learner: str) -> None:
    school.hand_in("zoe", school.solved(), "6" * 32)
    wanted = [
        layout.instructor_dir() / "lesson-9" / "lesson.ipynb",
        layout.sources_dir() / "lesson-9" / "lesson.py",
        school.root / "submitted" / "zoe" / "lesson-9" / "lesson.ipynb",
        school.root / "gradebook.db",
    ]
    assert all(file.exists() for file in wanted)
    reach = (
        "import os\n"
        f"for path in {[str(file) for file in wanted]!r}:\n"
        "    print(os.path.exists(path), end=' ')\n"
        "    try:\n        os.remove(path)\n    except OSError:\n        pass"
    )
    assert school.grade(_with(school, reach), learner).score == 9.0
    assert _said(school.graded(learner)) == "False " * len(wanted)
    assert all(file.exists() for file in wanted)


@shut_in
def test_nothing_can_be_done_to_who_grades_or_later(school: Class, learner: str) -> None:
    gradebook = school.root / "gradebook.db"
    later = (
        "import os, signal, subprocess, time\n"
        f"try:\n    os.kill({os.getpid()}, signal.SIGKILL)\nexcept ProcessLookupError:\n    print('nobody')\n"
        "if not os.fork():\n    os.setsid()\n    time.sleep(2)\n"
        f"    open({str(gradebook)!r}, 'wb').write(b'mine')\n    os._exit(0)"
    )
    assert school.grade(_with(school, later), learner).score == 9.0
    assert "nobody" in _said(school.graded(learner))
    before = _digest(gradebook)
    time.sleep(2.2)
    assert _digest(gradebook) == before


@shut_in
def test_nothing_is_written_outside(school: Class, learner: str) -> None:
    clone = Path(airlock.__file__).resolve().parents[2]
    places = [clone, clone / "lab-env", school.root, Path.home(), Path("/etc"), Path("/var/tmp"), Path("/dev/shm")]
    places += [school.root / "submitted" / learner / "lesson-9", Path(tempfile.gettempdir()), Path(sys.prefix)]
    write = (
        "import os\n"
        f"for place in {[str(place) for place in places]!r}:\n"
        "    try:\n        os.makedirs(place, exist_ok=True)\n"
        f"        open(os.path.join(place, '{learner}'), 'w').close()\n"
        "    except OSError:\n        pass"
    )
    assert school.grade(_with(school, write), learner).score == 9.0
    assert not [place for place in places if (place / learner).exists()]


@shut_in
def test_no_start_up_file_is_left_for_the_next(school: Class, learner: str) -> None:
    leave = (
        "import os, site\nfrom IPython import get_ipython\n"
        "for folder in (get_ipython().profile_dir.startup_dir, site.getsitepackages()[0], os.getcwd()):\n"
        "    for name in ('00.py', 'sitecustomize.py', 'x.pth'):\n"
        "        try:\n            open(os.path.join(folder, name), 'w').write('import builtins; builtins.mine = 1')\n"
        "        except OSError:\n            pass"
    )
    school.grade(_with(school, leave), learner)
    school.grade(_with(school, "import builtins; print(hasattr(builtins, 'mine'))"), f"{learner}-next")
    assert _said(school.graded(f"{learner}-next")) == "False\n"


@shut_in
def test_no_setting_of_the_instructor_is_seen(school: Class, learner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUCTORS_TOKEN", "t0ken-of-the-grade-book")
    look = (
        "import glob, os\nseen = str(dict(os.environ))\n"
        "for file in glob.glob('/proc/*/environ'):\n"
        "    try:\n        seen += open(file).read()\n    except OSError:\n        pass\nprint('t0ken-of' in seen)"
    )
    assert school.grade(_with(school, look), learner).score == 9.0
    assert _said(school.graded(learner)) == "False\n"


@pytest.mark.skipif(bool(isolation.open_network()), reason=f"the network cannot be closed: {isolation.open_network()}")
def test_nobody_is_called_but_the_lab(school: Class, learner: str) -> None:
    with _listener_of_another_process() as port:
        call = (
            "import socket\n"
            f"for host, port in (('127.0.0.1', {port}), ('192.0.2.1', 443), ('127.0.0.1', 22)):\n"
            "    try:\n        socket.create_connection((host, port), timeout=1); print('through')\n"
            "    except PermissionError:\n        print('no')\n"
            "try:\n    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nexcept PermissionError:\n    print('no')"
        )
        assert school.grade(_with(school, call), learner).score == 9.0
    assert _said(school.graded(learner)) == "no\n" * 4


@contextmanager
def _listener_of_another_process() -> Iterator[int]:
    program = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
    )
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as other:
        assert other.stdout
        assert other.stdin
        yield int(other.stdout.readline())
        other.stdin.close()


@shut_in
@pytest.mark.parametrize(
    "file", ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger", "/dev/mem"]
)
def test_the_machine_itself_is_not_to_be_set(school: Class, learner: str, file: str) -> None:
    try_it = f"try:\n    open({file!r}, 'r+b')\nexcept OSError:\n    print('no')"
    school.grade(_with(school, try_it), learner)
    assert _said(school.graded(learner)) == "no\n"
