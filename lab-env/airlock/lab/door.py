"""The door to the lab in containers: passes on what comes from outside to a port of the loopback that they share.

The services listen on loopback only, there as everywhere. A container engine publishes ports of another address.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

import psutil

from airlock.lab.ports import LOOPBACK

_CHUNK = 65536


async def serve(ports: Iterable[int]) -> None:
    """Pass each of these ports of this container's own addresses on to the same port of its loopback, for ever."""
    outside = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    doors = [await asyncio.start_server(partial(_let_in, port), outside, port) for port in ports]
    await asyncio.gather(*(door.serve_forever() for door in doors))


async def _let_in(port: int, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
    try:
        service, to_service = await asyncio.open_connection(LOOPBACK, port)
    except OSError:  # it does not listen yet
        to_caller.close()
        return
    await asyncio.gather(_pass_on(caller, to_service), _pass_on(service, to_caller))


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    with suppress(OSError):
        target.close()
