"""The process that kernels are forked from: it has imported what notebooks import, and nothing runs in it.

Importing Airflow takes seconds, a fork takes milliseconds. A fork is sound only while the process has one thread and
holds nothing that two may not share: no connection, no open file, no secret. `airlock.course.forked` talks to it.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from airlock.lab.sandbox import Sandbox, enter

PRELOAD = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",  # debugpy, which a kernel imports whether or not it is ever debugged
    "ipykernel.ipkernel",
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
    "IPython.extensions.storemagic",
    "argcomplete",
    "tornado.platform.asyncio",
    "traitlets.config.argcomplete_config",
)
WHOLE = ("airlock.checks", "airlock.lesson")
"""Packages whose every module some lesson's cells import sooner or later."""
MAX_REQUEST = 1 << 20
READY = b"ready"


def main(descriptor: int) -> None:
    """Serve until the other end of the socket is closed; in a fork, be the kernel that was asked for.

    A request is JSON: ``argv``, ``env`` and ``cwd`` of a kernel, and the ``sandbox`` it is shut in, or null; with it
    comes a socket for the answer, so that several processes may ask. The answer is its process id, with a pidfd.
    """
    with socket.socket(fileno=descriptor) as requests:
        variables = _preload()
        requests.send(READY)
        asked = _serve(requests)
    if asked:
        asked["env"] = variables | asked["env"]
        _be_kernel(**asked)


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


def _preload() -> dict[str, str]:
    """Import everything; returns the environment variables that imports have set, as debugpy's does."""
    given = set(os.environ)
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
    if len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("an import has started a thread: forks of this process would not be sound")
    gc.collect()
    gc.freeze()  # what all kernels share is not written to by their garbage collectors
    return {name: value for name, value in os.environ.items() if name not in given}


def _serve(requests: socket.socket) -> dict[str, Any] | None:
    """What a kernel was asked to be, in its fork; nothing, in the server at its end."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, MAX_REQUEST, 1)
        if not request:
            return None
        _bury()
        child = os.fork()
        with socket.socket(fileno=descriptors[0]) as answer:
            if not child:
                asked: dict[str, Any] = json.loads(request)
                return asked
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


def _be_kernel(argv: list[str], env: dict[str, str], cwd: str, sandbox: dict[str, Any] | None) -> None:
    """What `jupyter_client` and ``python -m ipykernel_launcher`` do between them, without an ``exec``."""
    from ipykernel.kernelapp import IPKernelApp

    if sandbox is None:
        os.setsid()
    else:
        enter(Sandbox(**sandbox), cwd, argv[argv.index("-f") + 1])
        os.makedirs(env["IPYTHONDIR"], exist_ok=True)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin or "" if launcher else "", *argv]
    if sys.path[0] == "":
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kernel: Any = IPKernelApp.instance(parent_handle=os.getppid())  # it ends with its parent
    kernel.initialize(argv)
    kernel.start()
