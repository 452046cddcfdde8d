"""Connections used as tasks use them, by PostgresHook and HttpHook, in a process that is told nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from airlock.checks.script import surroundings

PATHS = {"get_conn": "`get_conn` (`get_records`, `run`)", "engine": "the SQLAlchemy engine"}
_MAIN = "from airlock.checks.hook_server import main; main({})"
_LONGEST = 100
_IMPORT = 60.0


@dataclass(frozen=True)
class Used:
    """What became of one use of a connection: the rows that it gave, or what was said instead."""

    said: str
    rows: list[list[Any]]


def used(connections: Sequence[str], query: str, given: Mapping[str, str] | None = None) -> list[dict[str, Used]]:
    """Run ``query`` with each connection, on each path of PostgresHook; the outcomes by path, one dict a connection.

    Args:
        connections: values of ``AIRFLOW_CONN_…`` variables.
        given: the process's environment, but for what every process needs.
    """
    came = _server.ask([*PATHS], connections, "used", query, given or {})
    step = len(PATHS)
    return [dict(zip(PATHS, came[n * step : (n + 1) * step], strict=True)) for n in range(len(connections))]


def invoices(connections: Sequence[str], given: Mapping[str, str] | None = None) -> list[Used]:
    """Ask billing for invoices with HttpHook, with each connection in turn.

    Args:
        connections: values of ``AIRFLOW_CONN_BILLING``.
        given: the process's environment, but for what every process needs.
    """
    return _server.ask(["invoices"], connections, "billing", "invoices?limit=1", given or {})


class _Server:
    """The process with Airflow in it, started when it is first wanted, and anew once it has ended."""

    def __init__(self) -> None:
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._lock = threading.Lock()

    def ask(
        self, paths: list[str], connections: Sequence[str], conn_id: str, question: str, given: Mapping[str, str]
    ) -> list[Used]:
        """What came of each use, connection by connection. Raises RuntimeError where the process does not start."""
        request = {"paths": paths, "connections": list(connections), "conn_id": conn_id, "question": question}
        asked = json.dumps(request | {"environment": dict(given), "seconds": _LONGEST}).encode()
        with self._lock:
            try:
                came = self._answers(asked)
            except (OSError, EOFError):  # it has ended, having had nothing to do
                self._line = None
                came = self._again(asked)
        return came + [Used("it was still waiting", [])] * (len(connections) * len(paths) - len(came))

    def _again(self, asked: bytes) -> list[Used]:
        try:
            return self._answers(asked)
        except (OSError, EOFError):
            self._line = None
            why = "The process that uses Airflow's hooks does not start. In a terminal, run: ./airlock doctor"
            raise RuntimeError(why) from None

    def _answers(self, asked: bytes) -> list[Used]:
        line = self._started()
        line.send_bytes(asked)
        came: list[Used] = []
        while line.poll(_LONGEST + _IMPORT):
            if not (answer := line.recv_bytes()):
                return came
            came.append(Used(**json.loads(answer)))
        self._line = None  # its end, where it is not even able to end a fork in time
        return came

    def _started(self) -> Connection:
        # A fork of this process must not talk on the line of its parent.
        if self._line is None or self._owner != os.getpid():
            self._line, theirs = Pipe()
            self._owner = os.getpid()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-c", _MAIN.format(theirs.fileno())],
                    env=surroundings({"AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
        return self._line


_server = _Server()
