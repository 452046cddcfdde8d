"""Airflow and OpenBao behind the relay: how each is signed in to, and how its pages are made to fit a prefix."""

from __future__ import annotations

import asyncio
import html
import re
import time
from pathlib import Path
from urllib.parse import quote

from tornado.web import RequestHandler

from airlock.lab import vault
from airlock.lab.airflow import AirflowClient
from airlock.lab.description import Lab, secret

_HTML = "text/html"
_TOKEN_LASTS = 12 * 3600  # seconds
_POLICY_NAME = "jupyterlab-page"
# To look at: what a page asks for is one click, and a lesson's worlds are built by the notebooks.
_POLICY = 'path "*" { capabilities = ["read", "list"] }'


class Airflow:
    """Signed in as the lab's one user, whom the notebooks act as too. Its pages take their prefix from ``<base>``."""

    def __init__(self) -> None:
        self._token: tuple[str, str] | None = None

    def url(self, lab: Lab) -> str:
        """Where it is."""
        return lab.airflow.url

    async def credentials(self, lab: Lab, renew: bool) -> dict[str, str]:
        """A bearer token, fetched once a lab. Raises `LabDown`."""
        if renew or self._token is None or self._token[0] != lab.airflow.url:
            self._token = lab.airflow.url, await asyncio.to_thread(AirflowClient(lab).token)
        return {"Authorization": f"Bearer {self._token[1]}"}

    def fit(self, kind: str, body: bytes, prefix: str) -> bytes:
        """The page with its base under the prefix."""
        if kind != _HTML:
            return body
        return re.sub(rb'<base href="[^"]*"', f'<base href="{html.escape(prefix)}/"'.encode(), body, count=1)


class Vault:
    """Signed in with a token that may look at everything and change nothing: less than the notebooks may.

    OpenBao's page has absolute addresses in its HTML, settings, scripts and styles.
    """

    def __init__(self) -> None:
        self._token: tuple[str, float, str] | None = None  # of which administrator, until when, what

    def url(self, lab: Lab) -> str:
        """Where it is."""
        return lab.vault.url

    async def credentials(self, lab: Lab, renew: bool) -> dict[str, str]:
        """A token of the page's own, made once a lab and half day. Raises `LabDown`."""
        administrator = secret(lab.vault.root_token_file)
        kept = self._token
        if renew or kept is None or kept[0] != administrator or kept[1] < time.monotonic():
            made = await asyncio.to_thread(_page_token, lab)
            kept = self._token = administrator, time.monotonic() + _TOKEN_LASTS / 2, made
        return {"X-Vault-Token": kept[2]}

    def fit(self, kind: str, body: bytes, prefix: str) -> bytes:
        """The page, its settings, scripts and styles with the prefix before ``/ui/``; its calls are for `Script`."""
        if kind == "text/css":
            return body.replace(b"url(/ui/", f"url({prefix}/ui/".encode())
        if kind in ("text/javascript", "application/javascript"):
            return body.replace(b'"/ui/assets/"', f'"{prefix}/ui/assets/"'.encode())
        if kind != _HTML:
            return body
        page = body.decode()
        # A service worker that signs downloads of the whole store: none of a page to look at.
        page = re.sub(r'<script src="/ui/sw-registration.js"></script>', "", page)
        page = page.replace('"/ui/', f'"{html.escape(prefix)}/ui/').replace("%22/ui/", f"%22{quote(prefix)}/ui/")
        page = page.replace("%22%2Fui%2F%22", f"%22{quote(prefix + '/ui/', safe='')}%22")
        return page.replace("<head>", f'<head><script src="{html.escape(prefix)}/airlock.js"></script>', 1).encode()


class Script(RequestHandler):
    """The script that OpenBao's page is given first: it is signed in, and its calls go under the prefix."""

    def get(self) -> None:
        """The script."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(Path(__file__).with_name("openbao.js").read_bytes())


def _page_token(lab: Lab) -> str:
    server = vault.root(lab)
    server.sys.create_or_update_policy(_POLICY_NAME, _POLICY)
    made = server.auth.token.create(
        policies=[_POLICY_NAME], no_parent=True, ttl=f"{_TOKEN_LASTS}s", display_name=_POLICY_NAME
    )
    return str(made["auth"]["client_token"])
