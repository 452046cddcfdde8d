"""Where the alerts of the teams' DAGs arrive: ``POST /alerts`` on billing's TLS port, one file a team.

It stands for the service that wakes somebody up at night. An alert is any JSON object; whoever can log in as a team's
application may send one, so an alert proves nothing of itself: the DAG run that it names does.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_LONGEST = 65536  # bytes of one alert
_MOST = 4 * 2**20  # bytes of one team's file


class Inbox:
    """The end of the line for alerts.

    Args:
        folder: where the files are, named ``<team>.jsonl``.
        team: says whose request it is, or raises `HTTPException`.
    """

    def __init__(self, folder: Path, team: Callable[[Request], Awaitable[str]]) -> None:
        self._folder = folder
        self._team = team

    @property
    def route(self) -> Route:
        """For an ASGI application."""
        return Route("/alerts", self._take, methods=["POST"])

    async def _take(self, request: Request) -> Response:
        if request.url.scheme != "https":
            raise HTTPException(403, "alerts name hosts and faults: this inbox takes them over TLS only")
        team, body = await self._team(request), b""
        async for piece in request.stream():
            body += piece
            if len(body) > _LONGEST:
                raise HTTPException(413, f"an alert has at most {_LONGEST} bytes")
        try:
            alert = json.loads(body)
        except ValueError:
            alert = None
        if not isinstance(alert, dict):
            raise HTTPException(400, "an alert is a JSON object")
        self._keep(team, alert)
        return JSONResponse({"status": "taken"}, 201)

    def _keep(self, team: str, alert: dict[str, object]) -> None:
        file = self._folder / f"{team}.jsonl"
        if file.exists() and file.stat().st_size > _MOST:
            raise HTTPException(507, "the team's inbox is full")
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(json.dumps({"received": time.time(), **alert, "team": team}) + "\n")
