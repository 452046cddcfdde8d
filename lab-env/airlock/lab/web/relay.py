"""Requests passed on to one of the lab's servers over verified TLS, signed in, and its pages made to fit a prefix.

The browser never holds the server's credentials: they are added here. Nor does the server see Jupyter's: of a request's
headers only those go on that are listed.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

import httpx
from tornado.web import HTTPError, RequestHandler

from airlock.lab.clients import async_http_client
from airlock.lab.description import Lab, LabDown
from airlock.lab.web import absent

_ASKED = (
    *("accept", "accept-language", "content-type", "if-modified-since", "if-none-match"),
    *("x-vault-namespace", "x-vault-request", "x-vault-wrap-ttl"),
)
_ANSWERED = (
    *("cache-control", "content-disposition", "content-security-policy", "content-type", "etag", "last-modified"),
    "x-content-type-options",
)
_HARMLESS = ("GET", "HEAD", "OPTIONS")
# Seconds. A run's log is the longest answer.
_PATIENCE = 60.0


class Behind(Protocol):
    """The server behind a relay."""

    def url(self, lab: Lab) -> str:
        """Where it is."""

    async def credentials(self, lab: Lab, renew: bool) -> dict[str, str]:
        """Headers that sign a request in; ``renew``: those of the last time were refused. Raises `LabDown`."""

    def fit(self, kind: str, body: bytes, prefix: str) -> bytes:
        """The body of an answer of that content type, for a page that lives under ``prefix``."""


class Relay(RequestHandler):
    """Passes every request on to ``behind``."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

    def initialize(self, behind: Behind) -> None:
        self._behind = behind

    async def prepare(self) -> None:
        """Answer. Raises `HTTPError` where another site's page is asking."""
        if self.request.method not in _HARMLESS and _of_another_site(self):
            raise HTTPError(403, reason="Another site's page may not change anything here")
        try:
            await self._answer(await self._ask())
        except (LabDown, httpx.TransportError) as why:
            remedy = why.remedy if isinstance(why, LabDown) else "./airlock status"
            await absent.answer(self, why, remedy)

    async def _ask(self) -> httpx.Response:
        lab = Lab.current()
        headers = {name: value for name, value in self.request.headers.items() if name.lower() in _ASKED}
        async with async_http_client(lab.ca_file, timeout=_PATIENCE) as client:
            for renew in (False, True):
                answer = await client.request(
                    self.request.method or "GET",
                    self._behind.url(lab) + (self.request.uri or "/"),
                    content=self.request.body,
                    headers=headers | await self._behind.credentials(lab, renew),
                )
                if answer.status_code != httpx.codes.UNAUTHORIZED:
                    break
        return answer

    async def _answer(self, answer: httpx.Response) -> None:
        self.clear()
        self.set_status(answer.status_code)
        for name in _ANSWERED:
            if value := answer.headers.get(name):
                self.set_header(name, value)
        if to := answer.headers.get("location"):
            # A path only: jupyter-server-proxy sets the prefix before it.
            where = urlsplit(to)
            self.set_header("Location", where._replace(scheme="", netloc="").geturl() if where.path else to)
        body = self._behind.fit(
            answer.headers.get("content-type", "").partition(";")[0],
            answer.content,
            self.request.headers.get("X-Forwarded-Prefix", "").rstrip("/"),
        )
        await self.finish(body or None)


def _of_another_site(handler: RequestHandler) -> bool:
    """Whether a browser says so. Jupyter's cookie goes along with what a page of any port of this machine asks for, and
    jupyter-server-proxy leaves it to the server behind it to tell them apart."""
    headers = handler.request.headers
    if site := headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = headers.get("Origin")
    return bool(origin) and urlsplit(origin).netloc != headers.get("Host")
