"""A notebook's kernel without a network: ipykernel's own shell, told over a socket what to run.

What a cell shows is told in ipykernel's own messages (jupyter-client.readthedocs.io, Messaging). No ZeroMQ carries
them, no port listens, no thread runs, and it can be made before a fork: a usual kernel needs 0.1 s until it listens,
and some milliseconds for every cell, and a class has thousands of cells.

Lines of JSON go both ways. A request has a ``number`` and ``code``, and an ``expression`` when its value is asked for
and nothing is to be shown. What comes back is a ``type`` with its ``content``: an output of a cell, or ``reply``, with
the number of the request.
"""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from IPython.core.profiledir import ProfileDir
from IPython.core.shellapp import InteractiveShellApp
from IPython.paths import get_ipython_dir
from jupyter_client.session import Session, json_packer
from tornado.ioloop import IOLoop
from traitlets.config import Config

from airlock.course.link import READY, REPLY

SHOWN = {"clear_output", "display_data", "error", "execute_result", "stream", "update_display_data"}
"""The types of ipykernel's messages that are handed on."""
_REPLIED = ("status", "execution_count", "user_expressions", "ename", "evalue")
_AT_ONCE = 1 << 16  # characters of a stream
_MATPLOTLIB = "module://matplotlib_inline.backend_inline"

Tell = Callable[[str, dict[str, Any]], None]


class Shell:
    """The kernel of one notebook. Made before a fork, it serves in the fork."""

    def __init__(self) -> None:
        session = self._session = _Session()
        # A history in a file would bring a thread.
        settings = Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})
        silent = logging.Logger(__name__, logging.CRITICAL)
        self._kernel: Any = IPythonKernel.instance(config=settings, session=session, log=silent, user_ns=None)
        self._kernel.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
        shell: Any = self._kernel.shell
        shell.extension_manager.load_extension("storemagic")  # as a usual kernel does

    def warm(self) -> None:
        """Do once, for all forks, what the first of a notebook's errors (0.1 s) and widgets take long for."""
        shell: Any = self._kernel.shell
        self._session.tell = lambda *_: None
        for code in ("1 / 0", "__import__('ipywidgets').VBox([__import__('ipywidgets').HTML('')]).close()"):
            shell.run_cell(code, store_history=False, silent=True)
        shell._last_traceback = None
        for name in ("last_exc", "last_traceback", "last_type", "last_value"):
            vars(sys).pop(name, None)

    def serve(self, link: socket.socket) -> None:
        """Run what is asked for, until the other end of ``link`` is closed or a cell has called ``exit``."""
        _here(self._kernel.shell)
        tell = self._session.tell = _teller(link)
        self._streams = _Stream("stdout", 1, tell), _Stream("stderr", 2, tell)
        sys.stdout, sys.stderr = self._streams
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        tell(READY, {})
        asyncio.run(self._serve(link, tell))

    async def _serve(self, link: socket.socket, tell: Tell) -> None:
        # As in a usual kernel a loop is running while a cell is: `await` works there, and `asyncio.run` does not.
        self._kernel.io_loop = IOLoop.current()
        owner = os.getpid()
        async for line in _lines(link):
            asked = json.loads(line)
            content = await self._executed(**asked)
            if os.getpid() != owner:
                os._exit(0)  # a fork that a cell has made, and that has come back from it
            tell(REPLY, content)
            if self._kernel.shell.exit_now:
                return

    async def _executed(self, number: int, code: str, expression: str | None) -> dict[str, Any]:
        self._kernel.set_parent([], {"header": {"msg_id": str(number)}})
        wanted = {} if expression is None else {"answer": expression}
        try:
            self._kernel.pre_handler_hook()
            content = await self._kernel.do_execute(code, bool(wanted), not wanted, wanted)
        except (Exception, KeyboardInterrupt) as error:  # beside the cell's code: it has broken what runs it
            content = {"status": "error", "ename": type(error).__name__, "evalue": str(error)}
        finally:
            self._kernel.post_handler_hook()
        for stream in self._streams:  # a cell may have put others in their place
            stream.flush()
        return {"number": number, **{name: content.get(name) for name in _REPLIED}}


class _Session(Session):
    """Hands on what is shown; other messages, such as a widget's, have nobody to hear them."""

    tell: Tell

    def send(  # type: ignore[override]
        self, _: Any, msg_or_type: Any, content: Any = None, *__: Any, **___: Any
    ) -> dict[str, Any]:
        message = msg_or_type if isinstance(msg_or_type, dict) else {"msg_type": msg_or_type, "content": content}
        if message["msg_type"] in SHOWN:
            self.tell(message["msg_type"], message["content"])
        return message


class _Stream(io.TextIOBase):
    """What stands for ``sys.stdout`` or ``sys.stderr``. A fork of this process writes to the descriptor."""

    encoding, errors = "UTF-8", "backslashreplace"

    def __init__(self, name: str, descriptor: int, tell: Tell) -> None:
        self.name = name
        self._descriptor = descriptor
        self._tell = tell
        self._owner = os.getpid()
        self._kept: list[str] = []
        self._characters = 0

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:
            os.write(self._descriptor, text.encode(self.encoding, self.errors))
            return len(text)
        self._kept.append(text)
        self._characters += len(text)
        if self._characters > _AT_ONCE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        kept, self._kept, self._characters = self._kept, [], 0
        text = "".join(kept)
        for start in range(0, len(text), _AT_ONCE):
            self._tell("stream", {"name": self.name, "text": text[start : start + _AT_ONCE]})

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        """As the streams of a usual kernel answer."""
        return True


def _teller(link: socket.socket) -> Tell:
    """What sends lines, whole: an interrupt waits until a line has gone."""
    turn, main, owner = threading.Lock(), threading.main_thread(), os.getpid()

    def tell(kind: str, content: dict[str, Any]) -> None:
        if os.getpid() != owner:
            return
        message = {"type": kind, "content": content}
        try:
            line = json_packer(message) + b"\n"
        except UnicodeEncodeError:  # half a character
            line = json.dumps(message).encode() + b"\n"
        with turn:
            if threading.current_thread() is not main:
                link.sendall(line)
                return
            heard: list[int] = []
            before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
            try:
                link.sendall(line)
            finally:
                signal.signal(signal.SIGINT, before or signal.SIG_DFL)  # None: it was none of Python's
        if heard:
            signal.raise_signal(signal.SIGINT)

    return tell


async def _lines(link: socket.socket) -> AsyncIterator[bytes]:
    """What comes in; tasks that cells have left go on meanwhile. The socket blocks, for those that send."""
    loop, kept = asyncio.get_running_loop(), bytearray()
    while True:
        readable = loop.create_future()
        loop.add_reader(link, readable.set_result, None)
        await readable
        loop.remove_reader(link)
        if not (come := link.recv(1 << 16)):
            return
        *ends, rest = come.split(b"\n")  # what was kept is not looked through again: a cell may have megabytes
        for end in ends:
            kept += end
            yield bytes(kept)
            kept.clear()
        kept += rest


def _here(shell: Any) -> None:
    """Make of a shell one that was made here, as `ipykernel_launcher` would: in this folder, with this environment."""
    os.environ.setdefault("MPLBACKEND", _MATPLOTLIB)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin or "" if launcher else ""]
    sys.path.remove("")
    application: Any = InteractiveShellApp()
    application.init_path()  # a module of the notebook's folder never stands in for one of Python's own
    shell.ipython_dir = get_ipython_dir()
    create: Any = ProfileDir.create_profile_dir_by_name
    shell.profile_dir = create(shell.ipython_dir)
    shell.history_manager.dir_hist[:] = [Path.cwd()]


def main(descriptor: int) -> None:
    """Be a kernel in a process that was started for it."""
    with socket.socket(fileno=descriptor) as link:
        Shell().serve(link)
