"""``python -m airlock.lab.web airflow <socket>``: serve one of the pages. jupyter-server-proxy calls it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application

Routes = list[tuple[str, Any] | tuple[str, Any, dict[str, Any]]]


def _airflow() -> Routes:
    from airlock.lab.web.behind import Airflow
    from airlock.lab.web.relay import Relay

    return [(".*", Relay, {"behind": Airflow()})]


def _vault() -> Routes:
    from airlock.lab.web.behind import Script, Vault
    from airlock.lab.web.relay import Relay

    return [("/airlock.js", Script), (".*", Relay, {"behind": Vault()})]


def _wire() -> Routes:
    from airlock.lab.web.recordings import Latest, One, Packets

    return [("/", Latest), (r"/([\w.-]+)\.pcapng", Packets), (r"/([\w.-]+)", One)]


ROUTES: dict[str, Callable[[], Routes]] = {"airflow": _airflow, "vault": _vault, "wire": _wire}
"""What each page answers to, by its name; a page imports what it needs, and no more."""


async def _serve(page: str, socket: str) -> None:
    server = HTTPServer(Application(ROUTES[page]()))
    server.add_socket(bind_unix_socket(socket, mode=0o600))
    await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # JupyterHub ends a server, and all that it has started, so
        asyncio.run(_serve(sys.argv[1], sys.argv[2]))
