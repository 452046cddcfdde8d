"""HTTP to the lab's own services: verified TLS, nothing taken from the user's environment."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def http_client(ca_file: str, *, timeout: float = 10.0) -> httpx.Client:
    """A client that trusts only the lab's CA. ``timeout`` is in seconds.

    ``trust_env=False``: a proxy or CA bundle of the user's shell has no business on loopback.
    """
    return httpx.Client(verify=_trust(ca_file), timeout=timeout, trust_env=False)


def async_http_client(ca_file: str, *, timeout: float = 10.0) -> httpx.AsyncClient:
    """The same for code that waits for several answers at a time."""
    return httpx.AsyncClient(verify=_trust(ca_file), timeout=timeout, trust_env=False)
