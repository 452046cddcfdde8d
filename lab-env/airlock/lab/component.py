"""Run Airflow commands, one after the other, in one process: ``component db migrate --then dags reserialize``.

Importing Airflow takes seconds; two commands in one process import it once. Before a scheduler starts, the workers
that a killed one left behind are ended: they wait for work that will never come. Before an API server starts, its
application answers one request: building its routes takes seconds of CPU time, and every worker that the server forks
has them then.
"""

from __future__ import annotations

import asyncio
import os
import sys

import httpx
import psutil


def main(words: list[str]) -> None:
    """Run each command; the exit status is that of the first that fails."""
    if words[0] == "scheduler":
        end_orphans()
    if words[0] == "api-server":
        asyncio.run(warm_up())
    from airflow.cli import cli_parser

    parser = cli_parser.get_parser()
    for command in _split(words):
        arguments = parser.parse_args(command)
        arguments.func(arguments)


def end_orphans() -> None:
    """End processes of an earlier scheduler of this lab whose parent is gone."""
    home = os.environ["AIRFLOW_HOME"]
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.ppid() == 1
                and process.environ().get("AIRFLOW_HOME") == home
                and process.environ().get("SUPERVISOR_PROCESS_NAME") == "airflow-scheduler"
            ):
                process.kill()
        except psutil.Error:
            continue


async def warm_up() -> None:
    """Let the API server's application build what it builds at its first requests. Nothing is listening yet."""
    from airflow.api_fastapi.main import app
    from sqlalchemy.orm import configure_mappers

    configure_mappers()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
        await client.get("/execution/health")


def _split(words: list[str]) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    for word in words:
        if word == "--then":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


if __name__ == "__main__":
    main(sys.argv[1:])
