"""The program of the lab's billing service: a small JSON API over the shop, like any API that a DAG calls.

It keeps no users and no secrets: whoever can log in to a shop's database with a name and a password may read that
shop's invoices, and may get a token for ten minutes. One process serves two ports, one in clear and one with TLS::

    GET  /invoices?limit=10&before=400   Basic or Bearer   {"invoices": […], "next": "https://…" or null}
    POST /token                          Basic             {"access_token": "…", "token_type": "Bearer", …}
    GET  /                               —                 elsewhere: to the invoices
    GET  /health                         —                 {"status": "ok"}

The same process takes the alerts of the teams' DAGs: `airlock.lab.inbox`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from airlock.lab.inbox import Inbox
from airlock.lab.view import shop_of

_TOKEN_SECONDS = 600
_MOST_TOKENS = 1000
_MOST_ROWS = 100
_MOST_SESSIONS = 8  # with the database, which has a hundred for everybody
_MOST_CLIENTS = 64  # on each port
_NAME = re.compile(r"\w{1,63}")
# What PostgreSQL says to a login that it does not let in. All else, such as "starting up", is no fault of the client's.
_REFUSAL = re.compile(r"authentication failed|does not exist|permission denied|pg_hba|not permitted to log in")
_QUERY = """
select o.id, o.customer, p.name as product, o.quantity, o.quantity * p.price as amount
from orders o join products p on p.id = o.product_id
where o.id < %s order by o.id desc limit %s
"""

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Client:
    """Who asks: a login of the shop's database. ``repr`` never shows the password."""

    user: str
    password: str = field(repr=False)


class Billing:
    """The service: where its database is, and the tokens it has given out.

    Args:
        database: libpq's settings of the server, without a login.
        alerts: the folder of the teams' alerts.
    """

    def __init__(self, database: dict[str, Any], alerts: Path) -> None:
        self._database = database
        self._inbox = Inbox(alerts, self._team)
        self._tokens: dict[str, tuple[Client, float]] = {}
        self._sessions = asyncio.Semaphore(_MOST_SESSIONS)

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/", self._front),
            Route("/health", self._health),
            Route("/token", self._issue, methods=["POST"]),
            Route("/invoices", self._invoices),
            self._inbox.route,
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _explained})

    async def _front(self, request: Request) -> Response:
        return _sent(request, RedirectResponse(str(request.url_for("_invoices"))))

    async def _health(self, request: Request) -> Response:
        return _sent(request, JSONResponse({"status": "ok"}))

    async def _issue(self, request: Request) -> Response:
        client = _basic(request)
        await self._ask(client, "select 1")
        now = time.monotonic()
        fresh = [(token, held) for token, held in self._tokens.items() if held[1] > now]
        self._tokens = dict(fresh[-_MOST_TOKENS + 1 :])
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (client, now + _TOKEN_SECONDS)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}
        return _sent(request, JSONResponse(answer, headers={"Cache-Control": "no-store"}))

    async def _invoices(self, request: Request) -> Response:
        client = self._bearer(request) or _basic(request)
        limit = _number(request, "limit", 10, _MOST_ROWS)
        rows = await self._ask(client, _QUERY, [_number(request, "before", 2**31 - 1, 2**31 - 1), limit])
        names = ("id", "customer", "product", "quantity", "amount")
        invoices = [dict(zip(names, (*row[:-1], str(row[-1])), strict=True)) for row in rows]
        following = request.url.include_query_params(before=invoices[-1]["id"]) if len(invoices) == limit else None
        return _sent(request, JSONResponse({"invoices": invoices, "next": following and str(following)}))

    async def _team(self, request: Request) -> str:
        client = _basic(request)
        await self._ask(client, "select 1")
        return client.user.rpartition("_")[2]

    def _bearer(self, request: Request) -> Client | None:
        scheme, proof = _authorization(request)
        if scheme != "bearer":
            return None
        client, until = self._tokens.get(proof, (None, 0.0))
        if client is None or until < time.monotonic():
            raise _denied("the token is unknown or has run out: POST /token gives another")
        return client

    async def _ask(self, client: Client, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        login = {"dbname": shop_of(client.user), "user": client.user, "password": client.password}
        settings = self._database | login
        async with self._sessions:
            try:
                async with await psycopg.AsyncConnection.connect(**settings) as session:
                    return await (await session.execute(query.encode(), values)).fetchall()
            except psycopg.ProgrammingError:  # let in, but may not read the tables, or not even see them
                raise HTTPException(403, "this login may not read the shop's orders") from None
            except psycopg.Error as error:
                if isinstance(error, psycopg.OperationalError) and _REFUSAL.search(str(error)):
                    raise _denied("the shop's database does not know this user with this password") from None
                raise HTTPException(503, "the shop's database does not answer; try again in a moment") from None


def _basic(request: Request) -> Client:
    scheme, proof = _authorization(request)
    if scheme != "basic":
        raise _denied("log in with user and password (Basic), or with a token (Bearer)")
    try:
        user, colon, password = base64.b64decode(proof, validate=True).decode().partition(":")
    except ValueError:
        raise _denied("the credentials are not base64 of user:password") from None
    if not colon or not _NAME.fullmatch(user) or "\0" in password:
        raise _denied("the shop's database does not know this user with this password")
    return Client(user, password)


def _authorization(request: Request) -> tuple[str, str]:
    scheme, _, proof = request.headers.get("authorization", "").partition(" ")
    return scheme.lower(), proof.strip()


def _number(request: Request, name: str, default: int, most: int) -> int:
    given = request.query_params.get(name, str(default))
    if not (given.isascii() and given.isdigit() and len(given) < 12 and 1 <= int(given) <= most):
        raise HTTPException(400, f"{name} is a whole number from 1 to {most}")
    return int(given)


def _denied(why: str) -> HTTPException:
    return HTTPException(
        401, why, {"WWW-Authenticate": 'Basic realm="billing", charset="UTF-8", Bearer realm="billing"'}
    )


async def _explained(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _sent(request, JSONResponse({"error": error.detail}, error.status_code, headers=error.headers))


def _sent(request: Request, response: Response) -> Response:
    if request.url.scheme == "https":  # as services do that never want to be asked in clear again
        response.headers["Strict-Transport-Security"] = "max-age=600"
    return response


async def serve(app: Starlette, host: str, port: int, tls_port: int, certificate: str, key: str) -> None:
    """Answer on both ports until the process is told to end."""
    common: dict[str, Any] = {
        **{"app": app, "host": host, "lifespan": "off", "ws": "none", "http": "h11", "loop": "asyncio"},
        **{"log_level": "warning", "access_log": False, "proxy_headers": False},
        **{"limit_concurrency": _MOST_CLIENTS, "timeout_keep_alive": 5, "timeout_graceful_shutdown": 2},
    }
    servers = (
        uvicorn.Server(uvicorn.Config(port=port, **common)),
        uvicorn.Server(uvicorn.Config(port=tls_port, ssl_certfile=certificate, ssl_keyfile=key, **common)),
    )
    # A signal ends the server that listened to it last; that one hands it on to the other.
    await asyncio.gather(*(server.serve() for server in servers))


def main() -> None:
    """Run the service; what it needs to know is on the command line, and none of it is secret."""
    parser = argparse.ArgumentParser(prog="billing")
    for name in ("host", "certificate", "key", "ca-file", "database-host", "alerts"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("port", "tls-port", "database-port"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    database = {
        **{"host": given.database_host, "port": given.database_port, "connect_timeout": 5},
        **{"sslmode": "verify-full", "sslrootcert": given.ca_file},
        **{"application_name": "billing", "options": "-c statement_timeout=5000"},
    }
    app = Billing(database, Path(given.alerts)).app
    asyncio.run(serve(app, given.host, given.port, given.tls_port, given.certificate, given.key))


if __name__ == "__main__":
    main()
