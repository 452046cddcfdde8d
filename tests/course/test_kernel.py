"""A kernel driven from outside, and what a trusted judge believes of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from airlock.checks.plain import NotPlain
from airlock.checks.world import CallFailed, NotAttempted
from airlock.course.kernel import CELL_SECONDS, Kernel, KernelGone, NoAnswer, started
from airlock.course.trusted import KernelWorld
from airlock.lab import Seed, View
from tests.course import throwaway

_v4: Any = nbformat.v4


class Notebook:
    """A kernel with one cell that is filled again and again."""

    def __init__(self, kernel: Kernel, cell: Any, world: KernelWorld) -> None:
        self.kernel, self.cell, self.world = kernel, cell, world

    def run(self, source: str) -> list[Any]:
        self.cell.source = source
        self.kernel.run(self.cell, 0)
        return list(self.cell.outputs)


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    with _opened(tmp_path, CELL_SECONDS) as opened:
        yield opened


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Notebook]:
    """One in which a cell, and a call, may take three seconds."""
    with _opened(tmp_path, 3) as opened:
        yield opened


@contextmanager
def _opened(folder: Path, seconds: int) -> Iterator[Notebook]:
    view = View(throwaway.lab(folder), Seed("0" * 32))
    with started(folder, dict(os.environ), timeout=seconds) as kernel:
        yield Notebook(kernel, _v4.new_code_cell(""), KernelWorld(kernel, view, seconds=seconds))


def test_values_and_calls(notebook: Notebook) -> None:
    notebook.run("x = {'a': (1, 2)}\ny = ...\nz = None\nclass Odd: pass\nodd = Odd()\ndef half(n): return n / 2")
    assert notebook.world.value("x") == {"a": [1, 2]}
    assert notebook.world.call("half", 3) == 1.5
    for name in ("y", "z", "nothing"):
        with pytest.raises(NotAttempted, match=name):
            notebook.world.value(name)
    with pytest.raises(NotPlain, match="Odd"):
        notebook.world.value("odd")
    with pytest.raises(CallFailed, match="TypeError"):
        notebook.world.call("half", "a")


def test_bytes_go_and_come(notebook: Notebook) -> None:
    notebook.run("def turned(data):\n    return data[::-1]")
    assert notebook.world.call("turned", {"__type__": "bytes", "hex": "00ff"}) == {"__type__": "bytes", "hex": "ff00"}


def test_a_call_has_limited_time_and_the_kernel_survives_it(hasty: Notebook) -> None:
    hasty.run("def stuck():\n    while True: pass\nx = 1")
    with pytest.raises(CallFailed, match="no answer within 3 s"):
        hasty.world.call("stuck")
    assert hasty.world.value("x") == 1


def test_a_cell_has_limited_time(hasty: Notebook) -> None:
    outputs = hasty.run("while True: pass")
    assert outputs[-1].ename in ("KeyboardInterrupt", "TimeoutError")
    hasty.run("x = 2")
    assert hasty.world.value("x") == 2


def test_a_cell_that_will_not_stop_costs_the_kernel(hasty: Notebook) -> None:
    with pytest.raises(KernelGone, match="could not be stopped"):
        hasty.run("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    with pytest.raises(NotAttempted, match="kernel is gone"):
        hasty.world.value("x")


def test_a_cell_that_exits(notebook: Notebook) -> None:
    with pytest.raises(KernelGone, match="ended the kernel"):
        notebook.run("import os\nos._exit(0)")
    with pytest.raises(KernelGone):
        notebook.run("x = 1")


def test_a_cell_that_says_exit_is_the_last(notebook: Notebook) -> None:
    assert notebook.run("print('bye')\nexit()")[0].text == "bye\n"
    with pytest.raises(KernelGone):
        notebook.run("x = 1")


def test_other_streams_in_place_of_its_own(notebook: Notebook) -> None:
    notebook.run("import io, sys\nprint('shown')\nsys.stdout = sys.stderr = io.StringIO()")
    assert notebook.cell.outputs[0].text == "shown\n"
    assert notebook.run("3")[0].data["text/plain"] == "3"


def test_a_fork_that_comes_back_answers_nothing(notebook: Notebook) -> None:
    for _ in range(3):
        notebook.run("import os\nchild = os.fork()\nif child: os.waitpid(child, 0)\nprint('once' if child else 'lost')")
    assert int(str(notebook.world.value("child"))) > 0
    assert notebook.run("x = 7\nx")[0].data["text/plain"] == "7"


def test_a_link_that_is_spoilt_costs_the_kernel(notebook: Notebook) -> None:
    spoil = "    if isinstance(each, socket.socket) and each.fileno() > 0: each.send(b'{]\\n')"
    with pytest.raises(KernelGone):
        notebook.run(f"import gc, socket\nfor each in gc.get_objects():\n{spoil}")


def test_a_message_beyond_all_measure_is_thrown_away(notebook: Notebook) -> None:
    notebook.run("from IPython.display import display\ndisplay({'text/html': 'x' * (40 << 20)}, raw=True)")
    assert notebook.kernel.exceeded == ("put out too much, and was stopped",)
    assert notebook.run("2")[0].data["text/plain"] == "2"


def test_half_a_character(notebook: Notebook) -> None:
    [shown] = notebook.run("print('a\\ud800z')")
    assert shown.text == "a?z\n"
    assert notebook.run("'\\ud800'")[0].data["text/plain"] == "'\\ud800'"
    notebook.run("x = 'a\\ud800'")
    assert notebook.run("4")[0].data["text/plain"] == "4"


def test_a_kernel_that_has_stopped_reading_holds_nobody_up(hasty: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty.kernel._link._mine.settimeout(1.0)  # it is 30 s, of which a test need not sit through all
    deaf = "import threading, time\ntell = get_ipython().display_pub.session.tell\n"
    forged = "tell('reply', {'number': 1, 'execution_count': -1})\ntime.sleep(60)"
    hasty.run(deaf + forged)
    assert hasty.cell.execution_count is None
    with pytest.raises(KernelGone):
        hasty.run("#" * (4 << 20))


FORGE = """
tell = get_ipython().display_pub.session.tell
for kind in ('stream', 'display_data', 'execute_result', 'error', 'update_display_data', 'clear_output', '?'):
    tell(kind, {})
"""


@pytest.mark.parametrize(
    "content", ["{}", "{'name': 'x', 'text': 'y'}", "{'data': [1]}", "{'ename': 1}", "{'wait': 2}"]
)
def test_what_has_no_shape_is_no_output(notebook: Notebook, content: str) -> None:
    assert notebook.run(FORGE.format(content)) == []
    with pytest.raises(KernelGone):
        notebook.run(FORGE.format("7"))


@pytest.mark.parametrize(
    "answer",
    [
        "'{'",
        "'[1, NaN]'",
        '\'{"ok": {"__type__": "bytes", "hex": "0g"}}\'',
        "'{\"ok\": NaN}'",
        "'{\"ok\": ' + '[' * 50_000 + ']' * 50_000 + '}'",
        "'{\"ok\": ' + '9' * 10_000 + '}'",
        '\'{"ok": {"__type__": "Connection", "port": "5432"}}\'',
        '\'{"ok": [{"__type__": "Report"}]}\'',
        "'x' * 5_000_000",
        "{1: 2}",
        "None",
    ],
)
def test_whatever_a_patched_probe_says_is_at_most_plain_data(notebook: Notebook, answer: str) -> None:
    notebook.run(f"import airlock.course.probe as probe\nprobe.value = lambda name: {answer}")
    with pytest.raises(NotPlain):
        notebook.world.value("x")


def test_an_answer_that_is_no_text(notebook: Notebook) -> None:
    with pytest.raises(NoAnswer, match="not text"):
        notebook.kernel.ask("object()")
    with pytest.raises(NoAnswer, match="ZeroDivisionError"):
        notebook.kernel.ask("1 / 0")


def test_start_up_files_do_not_travel(tmp_path: Path) -> None:
    plant = (
        "import IPython.paths, pathlib\n"
        "folder = pathlib.Path(IPython.paths.get_ipython_dir()) / 'profile_default' / 'startup'\n"
        "folder.mkdir(parents=True, exist_ok=True)\n"
        "(folder / 'x.py').write_text('planted = 1')"
    )
    for source, cell in ((plant, _v4.new_code_cell(plant)), ("planted", _v4.new_code_cell("planted"))):
        with started(tmp_path, dict(os.environ), timeout=20) as kernel:
            kernel.run(cell, 0)
        errors = [output.ename for output in cell.outputs if output.output_type == "error"]
        assert errors == (["NameError"] if source == "planted" else [])
