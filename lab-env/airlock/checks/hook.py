"""A connection used as tasks use it, on each path of PostgresHook, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PATHS = {"get_conn": "`get_conn` (`get_records`, `run`)", "engine": "the SQLAlchemy engine"}
# Importing Airflow takes seconds, so one process uses every connection on every path.
_USE = """
import json, os, sys
from airflow.providers.postgres.hooks.postgres import PostgresHook
from sqlalchemy import text
given = json.load(sys.stdin)
def get_conn(hook):
    return hook.get_records(given["query"])
def engine(hook):
    with hook.get_sqlalchemy_engine().connect() as session:
        return [list(row) for row in session.execute(text(given["query"]))]
for value in given["connections"]:
    os.environ["AIRFLOW_CONN_USED"] = value
    for use in (get_conn, engine):
        try:
            came = {"said": "", "rows": [list(row) for row in use(PostgresHook(postgres_conn_id="used"))]}
        except Exception as error:
            came = {"said": f"{type(error).__name__}: {error}", "rows": []}
        print(json.dumps(came, default=str))
"""
_LONGEST = 100.0


@dataclass(frozen=True)
class Used:
    """What became of one connection on one path: the rows that it gave, or what was said instead."""

    said: str
    rows: list[list[Any]]


def used(connections: Sequence[str], query: str, given: Mapping[str, str] | None = None) -> list[dict[str, Used]]:
    """Run ``query`` with each connection, on each path; the paths' outcomes by name, one dict a connection.

    Args:
        connections: values of ``AIRFLOW_CONN_…`` variables.
        given: more of the process's environment.
    """
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    with tempfile.TemporaryDirectory() as home:
        quiet = {"AIRFLOW_HOME": home, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", _USE],
                input=json.dumps({"connections": list(connections), "query": query}),
                env={**(given or {}), **kept, **quiet},
                capture_output=True,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
            came = [Used(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith('{"said"')]
        except subprocess.TimeoutExpired:
            came = []
    came += [Used("it was still waiting", [])] * (len(connections) * len(PATHS) - len(came))
    step = len(PATHS)
    return [dict(zip(PATHS, came[n * step : (n + 1) * step], strict=True)) for n in range(len(connections))]
