"""Who is shut in calls the ports it was given and its own, and nobody else: asked in a real kernel."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

import airlock
from airlock.course.kernel import Kernel, started
from airlock.lab.sandbox import Sandbox
from airlock.lab.shutting import gate

pytestmark = pytest.mark.skipif(bool(gate()), reason=f"the network cannot be closed here: {gate()}")
_v4: Any = nbformat.v4
PACKAGE = str(Path(airlock.__file__).resolve().parents[1])


@pytest.fixture(scope="module")
def listening() -> Iterator[dict[str, int]]:
    """Ports that somebody outside listens on, one of them a process that may be called as well."""
    command = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
    )
    with (
        # Nobody accepts: the queue has to hold every call of the race, or the next one waits for ever.
        socket.create_server(("127.0.0.1", 0), backlog=400) as given,
        socket.create_server(("127.0.0.1", 0)) as other,
        subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as judge,
    ):
        assert judge.stdout
        ports = {
            "given": given.getsockname()[1],
            "other": other.getsockname()[1],
            "judge": int(judge.stdout.readline()),
        }
        yield ports | {"answers": judge.pid}
        judge.kill()


@pytest.fixture(scope="module")
def kernel(listening: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kernel, Any]]:
    box = Sandbox(seen=(PACKAGE,), ports=(listening["given"],), answering=listening["answers"])
    with started(tmp_path_factory.mktemp("work"), dict(os.environ), timeout=60, sandbox=box) as running:
        yield running, _v4.new_code_cell("")


def said(kernel: tuple[Kernel, Any], source: str) -> str:
    running, cell = kernel
    cell.source = source
    running.run(cell, 0)
    return "".join(output.get("ename") or output.get("text") or "" for output in cell.outputs)


CALL = "import socket; socket.create_connection(('{}', {}), timeout=5).close(); print('through')"


def test_what_was_given_and_what_is_its_own(kernel: tuple[Kernel, Any], listening: dict[str, int]) -> None:
    assert said(kernel, CALL.format("127.0.0.1", listening["given"])) == "through\n"
    assert said(kernel, CALL.format("localhost", listening["given"])) == "through\n"
    assert said(kernel, CALL.format("127.0.0.1", listening["judge"])) == "through\n"
    addresses = (
        "import psutil; print('127.0.0.1' in {a.address for each in psutil.net_if_addrs().values() for a in each})"
    )
    assert said(kernel, addresses) == "True\n"
    own = "server = socket.create_server(('127.0.0.1', 0)); link = socket.create_connection(server.getsockname())"
    assert said(kernel, f"{own}; print('through')") == "through\n"
    unix = "here = socket.socket(socket.AF_UNIX); here.bind('/tmp/u'); here.listen()"
    unix += "; socket.socket(socket.AF_UNIX).connect('/tmp/u')"
    assert said(kernel, f"{unix}; print('through')") == "through\n"
    later = f"import asyncio\nlink = await asyncio.open_connection('127.0.0.1', {listening['given']})\nprint('through')"
    assert said(kernel, later) == "through\n"


@pytest.mark.parametrize(
    "how",
    [
        CALL.format("127.0.0.1", "{other}"),
        CALL.format("::ffff:127.0.0.1", "{other}"),
        CALL.format("192.0.2.1", "{given}"),
        CALL.format("0.0.0.0", "{other}"),
        "import socket; socket.create_server(('0.0.0.0', 0))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "import socket; socket.socket(socket.AF_UNIX).connect('\\0abstract')",
        "import socket; socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', {other}))",
    ],
)
def test_nobody_else(kernel: tuple[Kernel, Any], listening: dict[str, int], how: str) -> None:
    assert said(kernel, how.format(**listening)) == "PermissionError"


def test_a_race_between_look_and_deed_is_not_won(kernel: tuple[Kernel, Any], listening: dict[str, int]) -> None:
    """Another thread changes the address all the time; the watch calls what it has looked at."""
    race = f"""
import ctypes, socket, struct, threading
libc = ctypes.CDLL(None, use_errno=True)
good, bad = (struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + bytes([127, 0, 0, 1]) + bytes(8)
             for port in ({listening["given"]}, {listening["other"]}))
address = ctypes.create_string_buffer(good, 16)
going = True
def change():
    while going:
        ctypes.memmove(address, bad, 16); ctypes.memmove(address, good, 16)
thread = threading.Thread(target=change); thread.start()
reached = set()
for _ in range(300):
    with socket.socket() as one:
        if libc.connect(one.fileno(), address, 16) == 0:
            reached.add(one.getpeername()[1])
going = False; thread.join()
print(reached == {{{listening["given"]}}})
"""
    assert said(kernel, race) == "True\n"
