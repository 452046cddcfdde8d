"""The process that kernels are forked from: it has imported what notebooks import, and nothing runs in it.

Importing Airflow takes seconds, a fork takes milliseconds. A fork is sound only while the process has one thread and
holds nothing that two may not share: no connection, no open file, no secret. `airlock.course.forked` talks to it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import socket
import sys
import tempfile
from contextlib import suppress
from typing import Any

from airlock.lab import shutting
from airlock.lab.gatekeeper import Gatekeeper
from airlock.lab.kernel_calls import end_with_parent
from airlock.lab.sandbox import Sandbox

PRELOAD = (
    "airlock.course.shell",
    "airlock.lesson",
    "airlock.course.probe",
    "airflow.sdk",
    "airflow.providers.http.hooks.http",
    "airflow.providers.postgres.hooks.postgres",
    "airflow.providers.hashicorp.secrets.vault",
    "airflow.providers.amazon.aws.secrets.secrets_manager",
    "httpx",
    "hvac",
    "ipywidgets",
    "psycopg",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "tornado.platform.asyncio",
)
WHOLE = ("airlock.checks", "airlock.lesson")
"""Packages whose every module some lesson's cells import sooner or later."""
MAX_REQUEST = 1 << 20
READY, BEGUN = b"ready", b"begun"
FREE, SHUT_IN = b"free", b"shut in"
DESCRIPTORS = 4
MAX_COPIES = 16


def main(descriptor: int) -> None:
    """Serve until the other end of the socket is closed; in a fork, be the kernel that was asked for.

    A request is `FREE` or `SHUT_IN`. With it come a socket to talk to the fork, so that several processes may ask, the
    kernel's link, its standard output and its standard error. Over that socket comes the process id, with a pidfd.
    The fork finds there what it has to be: what one kernel is told, this process never holds, or the next would. It
    says `BEGUN` when it is that, or why it cannot be.
    """
    with socket.socket(fileno=descriptor) as requests:
        given = set(os.environ)
        gatekeeper = Gatekeeper()  # while this process is small
        gc.disable()  # imports make no garbage worth a fifth of their time
        _preload()
        shell = _shell()
        _freeze()
        variables = {name: value for name, value in os.environ.items() if name not in given}
        requests.send(READY)
        kernel = _serve(requests)
    if kernel:
        asked, link = kernel
        with asked:
            try:
                _begin(asked, variables, gatekeeper)
            except OSError as error:
                asked.send(str(error).encode())
                raise
            asked.send(BEGUN)
        with link:
            shell.serve(link)


class Late:
    """A standard stream of whichever process this will be: a logger keeps at import what it writes to later."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._until_then = getattr(sys, name)

    def __getattr__(self, attribute: str) -> Any:
        stream = getattr(sys, self._name)
        return getattr(self._until_then if stream is self else stream, attribute)

    def isatty(self) -> bool:
        """As a kernel's streams answer: a logger decides at import whether it writes in colour."""
        return True


def _preload() -> None:
    """Import everything."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Late("stdout"), Late("stderr")
    for name in PRELOAD:
        importlib.import_module(name)
    for name in WHOLE:
        for module in pkgutil.iter_modules(importlib.import_module(name).__path__, f"{name}."):
            importlib.import_module(module.name)
    sys.stdout, sys.stderr = streams
    from airflow.sdk import Connection

    Connection(conn_id="warm", conn_type="postgres", host="localhost", extra='{"sslmode": "require"}').get_uri()


def _shell() -> Any:
    """What all kernels are copies of: making it takes 15 ms. The folder that it asks for is not needed again."""
    from airlock.course.shell import Shell  # asks for more than whoever only talks to this server needs

    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        shell = Shell()
        shell.warm()
    del os.environ["IPYTHONDIR"]
    return shell


def _freeze() -> None:
    if len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("an import has started a thread: forks of this process would not be sound")
    # What all kernels share is not written to by their garbage collectors; collecting first would take 0.25 s.
    gc.freeze()
    gc.enable()


def _serve(requests: socket.socket) -> tuple[socket.socket, socket.socket] | None:
    """In a kernel's fork, the socket that says what it has to be, and its link; nothing, in the server at its end."""
    server = os.getpid()
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, len(SHUT_IN), DESCRIPTORS)
        if not request:
            return None
        _bury()
        asked, link = (socket.socket(fileno=each) for each in descriptors[:2])
        try:
            child = shutting.fork() if request == SHUT_IN else os.fork()
        except OSError as error:
            asked.send(str(error).encode())
            if os.getpid() != server:  # the fork is there, and has no rights of its own
                os._exit(1)
            child = -1
        for descriptor, stream in enumerate(descriptors[2:], start=1):
            if not child:
                os.dup2(stream, descriptor)
            os.close(stream)
        if not child:
            return asked, link
        link.close()
        with asked, suppress(OSError):  # who asked has ended meanwhile
            if child > 0:
                # A child is buried no sooner than at the next request, so that its number is still its own here.
                handle = os.pidfd_open(child)
                socket.send_fds(asked, [str(child).encode()], [handle])
                os.close(handle)


def _bury() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _begin(asked: socket.socket, variables: dict[str, str], gatekeeper: Gatekeeper) -> None:
    """What starting a process would do: a session of its own, or a sandbox, a folder, an environment."""
    end_with_parent()
    told, copied, _, _ = socket.recv_fds(asked, MAX_REQUEST, MAX_COPIES)
    wanted: dict[str, Any] = json.loads(told)
    if wanted["sandbox"] is None:
        gatekeeper.close()
        os.setsid()
    else:
        sandbox = Sandbox(**wanted["sandbox"])
        copies = {}
        for name, descriptor in zip(sandbox.copied, copied, strict=True):
            with open(descriptor, "rb") as stream:
                copies[name] = stream.read()
        shutting.shut(sandbox, gatekeeper, wanted["cwd"], copies)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(variables | wanted["env"])
