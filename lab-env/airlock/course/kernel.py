"""A notebook's kernel, driven from outside: run a cell, ask for one expression, stop.

Grading and the course contract both run notebooks through this class. Where the kernel's process comes from is in
`airlock.course.forked`, what runs in it in `airlock.course.shell`.
"""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from nbformat import NotebookNode

from airlock.course import forked
from airlock.course.link import REPLY, TOO_MUCH, Link, LinkClosed
from airlock.course.outputs import Outputs
from airlock.lab.sandbox import Sandbox

CELL_SECONDS = 120
"""How long a cell may take, wherever a hand-in is run."""
MAX_ANSWER = 4_000_000
MAX_OUTPUT = 4_000_000
_STOP_SECONDS = 10.0  # for a cell to end after it was interrupted
_KILL_SECONDS = 1.0


class KernelGone(Exception):
    """The kernel's process has ended, or no longer reacts; the message says how it came to that."""


class NoAnswer(Exception):
    """The kernel is alive and did not give what was asked for; the message is the error in it."""


class Kernel:
    """A running kernel. Make one with `started`."""

    def __init__(self, link: Link, process: Any, timeout: int) -> None:
        self._link = link
        self._process = process
        self._timeout = timeout
        self._outputs = Outputs()
        self._numbers = count(1)
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
        cell.outputs, cell.execution_count = self._outputs.begin(), None
        if not cell.source.strip():
            return
        number = self._ask(cell.source)
        shown, late = _Shown(self._outputs, self._interrupt), False
        try:
            reply = self._reply(number, self._timeout, shown)
            if reply is None:
                late = True
                self._interrupt()
                reply = self._reply(number, _STOP_SECONDS, shown)
        except LinkClosed:
            self._lose(f"the code in cell {index + 1} ended the kernel's process")
        if reply is None:
            self._lose(f"cell {index + 1} was still running after {self._timeout} s and could not be stopped")
        cell.execution_count = _number(reply.get("execution_count"))
        limits = {
            f"was stopped after {self._timeout} s": late,
            "put out too much, and was stopped": shown.overflowed,
        }
        self.exceeded = tuple(said for said, beyond in limits.items() if beyond)

    def ask(self, expression: str, timeout: float = 20.0) -> str:
        """The text that ``expression`` gives in the kernel; nothing it prints is kept.

        Raises:
            NoAnswer: it raised, gave something else than text or a number, or took too long.
            KernelGone: the kernel does not react.
        """
        self._check()
        number = self._ask("", expression)
        try:
            reply = self._reply(number, timeout)
            if reply is not None:
                return _text(reply)
            self._interrupt()
            reply = self._reply(number, _STOP_SECONDS)
        except LinkClosed:
            self._lose("the kernel's process ended")
        if reply is None:
            self._lose("the notebook's code was still running and could not be stopped")
        raise NoAnswer(f"TimeoutError: no answer within {timeout:g} s")

    def stop(self) -> None:
        """End the kernel's process at once. Never raises for one that is gone already."""
        self._signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_SECONDS)
        self._link.close()

    def _ask(self, code: str, expression: str | None = None) -> int:
        number = next(self._numbers)
        try:
            self._link.ask({"number": number, "code": code, "expression": expression})
        except LinkClosed:
            self._lose("the kernel's process ended")
        return number

    def _reply(self, number: int, seconds: float, shown: _Shown | None = None) -> dict[str, Any] | None:
        """The reply, or nothing when it does not come in time. Raises `LinkClosed`."""
        for kind, content in self._link.messages(time.monotonic() + seconds):
            if kind == REPLY and content.get("number") == number:
                return content
            if shown and kind != REPLY:
                shown.take(kind, content)
        return None

    def _interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def _signal(self, number: signal.Signals) -> None:
        """To the kernel and what it has started: `os.system` waits for its program, whatever comes."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:  # it leads no group yet
                self._process.send_signal(number)

    def _lose(self, how: str) -> NoReturn:
        self._gone = how
        self.stop()
        raise KernelGone(how)

    def _check(self) -> None:
        if self._gone:
            raise KernelGone(self._gone)


class _Shown:
    """Keeps no endless output: what a cell puts out beyond `MAX_OUTPUT` characters is dropped, and the cell stopped."""

    def __init__(self, outputs: Outputs, stop: Callable[[], None]) -> None:
        self._outputs = outputs
        self._stop = stop
        self._put_out = 0

    @property
    def overflowed(self) -> bool:
        """Whether it put out more than that."""
        return self._put_out > MAX_OUTPUT

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message of the cell."""
        before = self.overflowed
        self._put_out += MAX_OUTPUT + 1 if kind == TOO_MUCH else _size(content)
        if not self.overflowed:
            self._outputs.show(kind, content)
        elif not before:
            self._stop()


def _size(content: dict[str, Any]) -> int:
    text = content.get("text")
    return len(text) if isinstance(text, str) else len(repr(content))


def _number(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


@contextmanager
def started(
    folder: Path, env: Mapping[str, str], timeout: int = 60, sandbox: Sandbox | None = None
) -> Iterator[Kernel]:
    """A kernel for a notebook, stopped at the end of the block.

    Args:
        folder: the kernel's working folder.
        env: the whole environment of its process.
        timeout: seconds a cell may take.
        sandbox: what the kernel is shut in with; nothing: it has the rights of this process.

    Raises:
        ServerGone: a kernel in a sandbox cannot be had here.
    """
    # A folder of its own: what one notebook stores for IPython must not be in the next.
    with tempfile.TemporaryDirectory(prefix="airlock-ipython-") as profile:
        link = Link()
        try:
            process = forked.process(link.ends, {**env, "IPYTHONDIR": profile}, str(folder), sandbox)
        except BaseException:
            link.close()
            raise
        link.handed_over()
        kernel = Kernel(link, process, timeout)
        try:
            yield kernel
        finally:
            kernel.stop()


def _text(content: dict[str, Any]) -> str:
    answer = _dict(_dict(content.get("user_expressions")).get("answer"))
    if answer.get("status") != "ok":
        raise NoAnswer(f"{answer.get('ename', content.get('ename', 'Error'))}: {answer.get('evalue', '')}"[:500])
    shown = _dict(answer.get("data")).get("text/plain")
    if not isinstance(shown, str) or len(shown) > MAX_ANSWER:
        raise NoAnswer("ValueError: the answer is missing or too large")
    try:
        return str(ast.literal_eval(shown))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise NoAnswer("ValueError: the answer is not text") from None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
