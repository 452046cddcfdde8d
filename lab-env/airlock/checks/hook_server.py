"""The process that hooks are used in: it has imported Airflow once, and each use is a fork of it.

Importing Airflow takes seconds, a fork takes milliseconds. `airlock.checks.hook` starts it and talks to it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

IDLE = 120.0
"""Seconds without a use after which it ends: a learner's machine has other uses for its memory."""
Use = Callable[[str, str], list[Any]]


def main(descriptor: int) -> None:
    """Serve until nobody asks any more, or until who asked has ended.

    A request is JSON, the arguments of `_answer`. The answers are JSON, one a use, then an empty one.
    """
    with tempfile.TemporaryDirectory() as home, Connection(descriptor) as line:
        os.environ["AIRFLOW_HOME"] = home
        gc.disable()  # imports make no garbage worth a fifth of their time
        uses = _uses()
        gc.freeze()  # what the forks share is not written to by their garbage collectors
        gc.enable()
        while line.poll(IDLE):
            try:
                asked = json.loads(line.recv_bytes())
            except EOFError:
                return
            if not (child := os.fork()):
                try:
                    _answer(line, uses, **asked)
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            line.send_bytes(b"")


def _uses() -> dict[str, Use]:
    """What a task does with a connection, by name: from the connection's id and a question to rows."""
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from sqlalchemy import text

    def get_conn(conn_id: str, query: str) -> list[Any]:
        return [list(row) for row in PostgresHook(postgres_conn_id=conn_id).get_records(query)]

    def engine(conn_id: str, query: str) -> list[Any]:
        with PostgresHook(postgres_conn_id=conn_id).get_sqlalchemy_engine().connect() as session:
            return [list(row) for row in session.execute(text(query))]

    def invoices(conn_id: str, path: str) -> list[Any]:
        rows: list[Any] = HttpHook(method="GET", http_conn_id=conn_id).run(path).json()["invoices"]
        return rows

    return {"get_conn": get_conn, "engine": engine, "invoices": invoices}


def _answer(
    line: Connection,
    uses: dict[str, Use],
    paths: list[str],
    connections: list[str],
    conn_id: str,
    question: str,
    environment: dict[str, str],
    seconds: int,
) -> None:
    """In a fork: use each connection on each path, and tell what came. The kernel ends what takes longer."""
    signal.alarm(seconds)
    sys.stdin.close()
    os.environ |= environment
    for value in connections:
        os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = value
        for path in paths:
            try:
                came = {"said": "", "rows": uses[path](conn_id, question)}
            except Exception as error:
                came = {"said": f"{type(error).__name__}: {error}", "rows": []}
            line.send_bytes(json.dumps(came, default=str).encode())
