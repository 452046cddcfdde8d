"""Processes of kernels: forks of one that has imported everything, or started where that cannot be.

Forks on Linux only: on macOS the system's own libraries do not survive a fork, and there is no pidfd. There, and where
the server does not come up, a kernel is started as a process; it behaves the same, some seconds later.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from functools import cache

from airlock import paths
from airlock.course.forkserver import BEGUN, FREE, MAX_REQUEST, READY, SHUT_IN
from airlock.lab import View
from airlock.lab.sandbox import Sandbox

WARM_UP_SECONDS = 120
_MAIN = "from airlock.course.{} import main; main({})"
# What differs from kernel to kernel and is looked up when it is needed, never while something is imported.
_LATE = ("AIRLOCK_", "IPYTHONDIR", "NBGRADER_EXECUTION", "PYTEST_CURRENT_TEST")


class ServerGone(Exception):
    """The fork server did not come up, or has ended."""


class Child:
    """A forked kernel: as much of `subprocess.Popen` as is needed. It is no child of this process."""

    def __init__(self, pid: int, handle: int) -> None:
        self.pid = pid
        self._handle = handle
        self._ended = False

    def poll(self) -> int | None:
        """None while it runs; nobody here learns its exit status."""
        if not self._ended and select.select([self._handle], [], [], 0)[0]:
            os.close(self._handle)
            self._ended = True
        return 0 if self._ended else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired` after ``timeout`` seconds."""
        if not self._ended:
            select.select([self._handle], [], [], timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired("a kernel", timeout or 0)
        return 0

    def send_signal(self, number: int) -> None:
        """Signal the process alone."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)


class ForkServer:
    """The server's other end, for this process and its forks. Its end in all of them ends the server and its kernels.

    It warms up by itself; wait for it with `ready`, and do that before the first fork of this process that uses it.
    """

    def __init__(self, env: dict[str, str]) -> None:
        self._owner = os.getpid()
        self._turn = threading.Lock()
        self._is_ready: bool | None = None
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _MAIN.format("forkserver", theirs.fileno())],
                env=env,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self.close)

    def ready(self) -> None:
        """Wait until it has imported everything. Raises `ServerGone`."""
        with self._turn:
            if self._is_ready is None:
                self._requests.settimeout(WARM_UP_SECONDS)
                try:
                    self._is_ready = self._requests.recv(len(READY)) == READY
                except OSError:
                    self._is_ready = False
                if not self._is_ready:
                    self.close()
        if not self._is_ready:
            raise ServerGone("the fork server did not come up")

    def fork(self, ends: list[int], env: Mapping[str, str], cwd: str, sandbox: Sandbox | None = None) -> Child:
        """A new kernel, with its ends of `Link`: the socket, standard output and error.

        Raises:
            ServerGone: there is none; or it did not become what it has to be, which is no fault of what runs in it.
        """
        shut_in = asdict(sandbox) if sandbox else None
        told = json.dumps({"env": dict(env), "cwd": cwd, "sandbox": shut_in}).encode()
        if len(told) > MAX_REQUEST:
            raise ServerGone("the environment is too large to be handed over")
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with mine, ExitStack() as opened:
            mine.settimeout(WARM_UP_SECONDS)
            # Opened here: root in a sandbox is not root enough to read them.
            copied = [opened.enter_context(open(name, "rb")).fileno() for name in sandbox.copied] if sandbox else []
            try:
                with theirs:
                    socket.send_fds(mine, [told], copied)
                    socket.send_fds(self._requests, [SHUT_IN if sandbox else FREE], [theirs.fileno(), *ends])
                return _begun(mine)
            except OSError as error:
                raise ServerGone(str(error)) from None

    def close(self) -> None:
        """End it, and every kernel of it that still runs."""
        atexit.unregister(self.close)
        self._requests.close()
        if os.getpid() != self._owner:
            return
        self._process.kill()
        self._process.wait()


def _begun(fork: socket.socket) -> Child:
    """The fork, when it has begun. The server and the fork both write to this socket, in whichever order."""
    child, begun = None, False
    while not (child and begun):
        said, handles, _, _ = socket.recv_fds(fork, 256, 1)
        if handles:
            child = Child(int(said), handles[0])
        elif said == BEGUN:
            begun = True
        else:
            raise ServerGone(said.decode() or ("the fork has ended" if child else "the fork server has ended"))
    return child


def environment(view: View) -> dict[str, str]:
    """The environment of a kernel whose notebook is not this machine's learner's."""
    return {
        **os.environ,
        "AIRLOCK_SEED": view.seed.hex,
        "AIRLOCK_STATE": str(paths.state_dir()),
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONWARNINGS": "ignore",
    }


def process(
    ends: list[int], env: Mapping[str, str], cwd: str, sandbox: Sandbox | None = None
) -> Child | subprocess.Popen[bytes]:
    """A kernel's process: a fork, or one of its own where that cannot be.

    Args:
        ends: of its link, as in `ForkServer.fork`; they stay open here.
        env: its whole environment.
        cwd: its working folder.
        sandbox: what it is shut in with. Then it is a fork or nothing: nothing is started outside.

    Raises:
        ServerGone: there is no fork of what was to be shut in.
    """
    try:
        return server_for(env).fork(ends, env, cwd, sandbox)
    except ServerGone:
        if sandbox:
            raise
    link, out, err = ends
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN.format("shell", link)],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        pass_fds=[link],
        start_new_session=True,
    )


def server_for(env: Mapping[str, str]) -> ForkServer:
    """The server for kernels with this environment: one for all that differ only in what is looked up late.

    Raises:
        ServerGone: there is none, and there will be none.
    """
    server = warm(env)
    if server is None:
        raise ServerGone("kernels are not forked here")
    server.ready()
    return server


def warm(env: Mapping[str, str]) -> ForkServer | None:
    """Have the server start, and go on with something else meanwhile; None where there is none."""
    early = tuple(sorted((name, value) for name, value in env.items() if not name.startswith(_LATE)))
    return _server(early) if sys.platform == "linux" else None


@cache
def _server(early: tuple[tuple[str, str], ...]) -> ForkServer:
    return ForkServer(dict(early))
