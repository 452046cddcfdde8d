"""Kernels that are forked, not started: a provisioner for `jupyter_client` over `airlock.course.forkserver`.

Only on Linux: on macOS the system's own libraries do not survive a fork, and there is no pidfd. There, and where the
server does not come up, a kernel is started as ever; it behaves the same, some seconds later.
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
from dataclasses import asdict
from functools import cache
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from airlock.course.forkserver import MAX_REQUEST, READY
from airlock.lab.sandbox import Sandbox

WARM_UP_SECONDS = 120
KILL_SECONDS = 1.0
_MAIN = "from airlock.course.forkserver import main; main({})"
# What differs from kernel to kernel and is looked up when it is needed, never while something is imported.
_LATE = ("AIRLOCK_", "IPYTHONDIR", "NBGRADER_EXECUTION", "PYTEST_CURRENT_TEST")


class ServerGone(Exception):
    """The fork server did not come up, or has ended."""


class Child:
    """A forked kernel: as much of `subprocess.Popen` as a provisioner needs. It is no child of this process."""

    stdin = stdout = stderr = None

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

    def wait(self, seconds: float | None = None) -> int:
        """Wait for its end, at most some ``seconds``."""
        if not self._ended:
            select.select([self._handle], [], [], seconds)
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Signal the process alone."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


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
                [sys.executable, "-c", _MAIN.format(theirs.fileno())],
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

    def fork(self, argv: list[str], env: dict[str, str], cwd: str, sandbox: Sandbox | None = None) -> Child:
        """A new kernel. Raises `ServerGone`."""
        shut_in = asdict(sandbox) if sandbox else None
        request = json.dumps({"argv": argv, "env": env, "cwd": cwd, "sandbox": shut_in}).encode()
        if len(request) > MAX_REQUEST:
            raise ServerGone("the environment is too large to be handed over")
        answer, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with answer:
            answer.settimeout(WARM_UP_SECONDS)
            try:
                with theirs:
                    socket.send_fds(self._requests, [request], [theirs.fileno()])
                number, handles, _, _ = socket.recv_fds(answer, 32, 1)
            except OSError as error:
                raise ServerGone(str(error)) from None
        if not handles:
            raise ServerGone("the fork server has ended")
        return Child(int(number), handles[0])

    def close(self) -> None:
        """End it, and every kernel of it that still runs."""
        atexit.unregister(self.close)
        self._requests.close()
        if os.getpid() != self._owner:
            return
        self._process.kill()
        self._process.wait()


class Forked(LocalProvisioner):
    """Starts a Python kernel as a fork, or as a process of its own where that cannot be.

    With a ``sandbox`` it is a fork or nothing: what was to be shut in is never started outside.
    """

    process: Any
    sandbox: Sandbox | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start it; ``cmd`` is ``python -m ipykernel_launcher …``."""
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
        try:
            child = server_for(kwargs["env"]).fork(argv, kwargs["env"], str(kwargs["cwd"]), self.sandbox)
        except ServerGone:
            if self.sandbox:
                raise
            return await super().launch_kernel(cmd, **kwargs)
        self.process = child
        self.pid = self.pgid = child.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """As in `LocalProvisioner`; a fork has ended when this returns: its manager looks every tenth of a second."""
        await super().kill(restart)
        if isinstance(self.process, Child):
            self.process.wait(KILL_SECONDS)


def server_for(env: dict[str, str]) -> ForkServer:
    """The server for kernels with this environment: one for all that differ only in what is looked up late.

    Raises:
        ServerGone: there is none, and there will be none.
    """
    server = warm(env)
    if server is None:
        raise ServerGone("kernels are not forked here")
    server.ready()
    return server


def warm(env: dict[str, str]) -> ForkServer | None:
    """Have the server start, and go on with something else meanwhile; None where there is none."""
    early = tuple(sorted((name, value) for name, value in env.items() if not name.startswith(_LATE)))
    return _server(early) if sys.platform == "linux" else None


@cache
def _server(early: tuple[tuple[str, str], ...]) -> ForkServer:
    return ForkServer(dict(early))
