"""A notebook's kernel, driven from outside: run a cell, ask for one expression, stop.

Grading and the course contract both run notebooks through this class. Where the kernel's process comes from is in
`_start` alone.
"""

from __future__ import annotations

import ast
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from airlock.course.forked import Forked
from airlock.course.prompt import PromptClient, await_bound
from airlock.lab.sandbox import Sandbox

MAX_ANSWER = 4_000_000
MAX_OUTPUT = 4_000_000
# After a cell's end, for the output that is still on its way: an endless writer has stopped, and left much behind.
# A kernel that takes no word costs as long.
_BACKLOG_SECONDS = 30
_TIMED_OUT = {"ename": "TimeoutError", "evalue": "", "traceback": ["TimeoutError: the cell ran too long"]}


class KernelGone(Exception):
    """The kernel's process has ended, or no longer reacts; the message says how it came to that."""


class NoAnswer(Exception):
    """The kernel is alive and did not give what was asked for; the message is the error in it."""


class Bounded(NotebookClient):
    """Keeps no endless output: what a cell puts out beyond `MAX_OUTPUT` characters is dropped, and the cell stopped."""

    _put_out = 0

    @property
    def overflowed(self) -> bool:
        """Whether the last cell put out more than that."""
        return self._put_out > MAX_OUTPUT

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """As in `NotebookClient`."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "execute_input":
            self._put_out = 0
        elif kind in ("stream", "display_data", "execute_result", "update_display_data"):
            before = self._put_out
            self._put_out += len(content["text"]) if kind == "stream" else len(repr(content))
            if self._put_out > MAX_OUTPUT:
                if before <= MAX_OUTPUT:
                    manager: Any = self.km
                    manager.provisioner.process.send_signal(signal.SIGINT)
                return None
        return super().process_message(msg, cell, cell_index)


class Kernel:
    """A running kernel. Make one with `started`."""

    def __init__(self, client: Bounded, timeout: int) -> None:
        self._client = client
        self._timeout = timeout
        self._gone = ""
        self.exceeded: tuple[str, ...] = ()
        """Limits that the last cell went beyond, in words that follow on "the cell"."""

    def run(self, cell: NotebookNode, index: int) -> None:
        """Execute a code cell in place; errors of the cell are among its outputs.

        Raises:
            KernelGone: the cell ended the process, or would not stop after its time.
        """
        self.exceeded = ()
        self._check()
        began = time.monotonic()
        try:
            self._client.execute_cell(cell, index)
        except DeadKernelError:
            self._lose(f"the code in cell {index + 1} ended the kernel's process")
        except CellTimeoutError:
            self._lose(f"cell {index + 1} was still running after {self._timeout} s and could not be stopped")
        late = time.monotonic() - began > self._timeout
        if late:
            self._still_reacts(index)
        limits = {
            f"was stopped after {self._timeout} s": late,
            "put out too much, and was stopped": self._client.overflowed,
        }
        self.exceeded = tuple(said for said, beyond in limits.items() if beyond)

    def ask(self, expression: str, timeout: float = 20.0) -> str:
        """The text that ``expression`` gives in the kernel; nothing it prints is kept.

        Raises:
            NoAnswer: it raised, gave something else than text or a number, or took too long.
            KernelGone: the kernel does not react.
        """
        self._check()
        client: Any = self._client.kc
        request = client.execute(
            "", silent=True, store_history=False, user_expressions={"answer": expression}, stop_on_error=False
        )
        content = self._reply(request, timeout)
        if content is None:
            self._interrupt()
            if self._reply(request, 5.0) is None:
                self._lose("the notebook's code was still running and could not be stopped")
            raise NoAnswer(f"TimeoutError: no answer within {timeout:g} s")
        return _text(content)

    def stop(self) -> None:
        """End the kernel's process at once. Never raises for one that is gone already."""
        _cleanup(self._client)

    def _reply(self, request: str, timeout: float) -> dict[str, Any] | None:
        client: Any = self._client.kc
        receive = run_sync(client.get_shell_msg)
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = receive(timeout=min(left, 1.0))
            except Empty:
                if not run_sync(client.is_alive)():
                    self._lose("the kernel's process ended")
                continue
            if message["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = message["content"]
                return content
        return None

    def _still_reacts(self, index: int) -> None:
        try:
            self.ask("0", timeout=10)
        except NoAnswer:
            self._lose(f"cell {index + 1} was still running after {self._timeout} s and could not be stopped")

    def _interrupt(self) -> None:
        manager: Any = self._client.km
        run_sync(manager.interrupt_kernel)()

    def _lose(self, how: str) -> None:
        self._gone = how
        self.stop()
        raise KernelGone(how)

    def _check(self) -> None:
        if self._gone:
            raise KernelGone(self._gone)


@contextmanager
def started(
    notebook: NotebookNode, folder: Path, env: Mapping[str, str], timeout: int = 60, sandbox: Sandbox | None = None
) -> Iterator[Kernel]:
    """A kernel for ``notebook``, stopped at the end of the block.

    Args:
        notebook: its cells are the ones that will be run.
        folder: the kernel's working folder.
        env: the whole environment of its process.
        timeout: seconds a cell may take.
        sandbox: what the kernel is shut in with; nothing: it has the rights of this process.

    Raises:
        ServerGone: a kernel in a sandbox cannot be had here.
    """
    client = Bounded(
        notebook,
        timeout=timeout,
        interrupt_on_timeout=True,
        error_on_timeout=_TIMED_OUT,
        allow_errors=True,
        raise_on_iopub_timeout=True,
        iopub_timeout=_BACKLOG_SECONDS,
        skip_cells_with_tag="",  # a tag must not decide what is run
        shutdown_kernel="immediate",
        kernel_name="python3",
        kernel_manager_class=AsyncKernelManager,
        resources={"metadata": {"path": str(folder)}},
    )
    with tempfile.TemporaryDirectory(prefix="airlock-ipython-") as profile:
        # A folder of its own: a start-up file that one notebook leaves behind must not run in the next.
        _start(client, {**env, "IPYTHONDIR": profile}, sandbox)
        kernel = Kernel(client, timeout)
        try:
            yield kernel
        finally:
            kernel.stop()


def _start(client: NotebookClient, env: dict[str, str], sandbox: Sandbox | None) -> None:
    manager: Any = client.create_kernel_manager()
    manager.provisioner = Forked(kernel_spec=manager.kernel_spec, parent=manager)
    manager.provisioner.sandbox = sandbox
    client.reset_execution_trackers()
    client.start_new_kernel(env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await_bound(manager)
    manager.client_factory = PromptClient
    client.start_new_kernel_client()


def _cleanup(client: NotebookClient) -> None:
    if client.km is not None:
        client._cleanup_kernel()


def _text(content: dict[str, Any]) -> str:
    answer = content.get("user_expressions", {}).get("answer", {})
    if answer.get("status") != "ok":
        raise NoAnswer(f"{answer.get('ename', content.get('ename', 'Error'))}: {answer.get('evalue', '')}"[:500])
    shown = answer.get("data", {}).get("text/plain")
    if not isinstance(shown, str) or len(shown) > MAX_ANSWER:
        raise NoAnswer("ValueError: the answer is missing or too large")
    try:
        return str(ast.literal_eval(shown))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise NoAnswer("ValueError: the answer is not text") from None
