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

from airlock.lab.kernel_calls import end_with_parent
from airlock.lab.sandbox import Sandbox, enter

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
READY = b"ready"
DESCRIPTORS = 4


def main(descriptor: int) -> None:
    """Serve until the other end of the socket is closed; in a fork, be the kernel that was asked for.

    A request is JSON: the ``env`` and ``cwd`` of a kernel, and the ``sandbox`` it is shut in, or null. With it come
    a socket for the answer, so that several processes may ask, the kernel's link, its standard output and its
    standard error. The answer is its process id, with a pidfd.
    """
    with socket.socket(fileno=descriptor) as requests:
        given = set(os.environ)
        gc.disable()  # imports make no garbage worth a fifth of their time
        _preload()
        shell = _shell()
        _freeze()
        variables = {name: value for name, value in os.environ.items() if name not in given}
        requests.send(READY)
        kernel = _serve(requests)
    if kernel:
        asked, link = kernel
        asked["env"] = variables | asked["env"]
        _enter(**asked)
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
    gc.collect()
    gc.freeze()  # what all kernels share is not written to by their garbage collectors
    gc.enable()


def _serve(requests: socket.socket) -> tuple[dict[str, Any], socket.socket] | None:
    """What a kernel was asked to be, in its fork, with its link; nothing, in the server at its end."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, MAX_REQUEST, DESCRIPTORS)
        if not request:
            return None
        _bury()
        child = os.fork()
        answer, link = (socket.socket(fileno=each) for each in descriptors[:2])
        with answer:
            for descriptor, stream in enumerate(descriptors[2:], start=1):
                if not child:
                    os.dup2(stream, descriptor)
                os.close(stream)
            if not child:
                return json.loads(request), link
            link.close()
            # A child is buried no sooner than at the next request, so that its number is still its own here.
            handle = os.pidfd_open(child)
            with suppress(OSError):  # who asked has ended meanwhile
                socket.send_fds(answer, [str(child).encode()], [handle])
            os.close(handle)


def _bury() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _enter(env: dict[str, str], cwd: str, sandbox: dict[str, Any] | None) -> None:
    """What starting a process would do: a session of its own, or a sandbox, a folder, an environment."""
    end_with_parent()
    if sandbox is None:
        os.setsid()
    else:
        enter(Sandbox(**sandbox), cwd)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
