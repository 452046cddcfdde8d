"""A cable that somebody listens on: a port that passes every byte on to another, both ways, and keeps a copy."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from airlock.lab.ports import LOOPBACK
from airlock.wire.captures import Captured


@dataclass
class Cable:
    """Attributes:
    port: where it is plugged in, on loopback.
    links: for each connection what passed on it, in the order of time.
    """

    port: int
    links: list[list[Captured]] = field(default_factory=list)


@contextmanager
def cable(port: int) -> Iterator[Cable]:
    """Lay a cable to ``port`` on loopback for the time of the block."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        laid = Cable(listening.getsockname()[1])
        threading.Thread(target=_serve, args=(listening, port, laid), daemon=True).start()
        yield laid


def _serve(listening: socket.socket, port: int, laid: Cable) -> None:
    with suppress(OSError):  # the block is over
        while True:
            client, _ = listening.accept()
            server = socket.create_connection((LOOPBACK, port))
            link: list[Captured] = []
            laid.links.append(link)
            for sender, source, target in (("client", client, server), ("server", server, client)):
                threading.Thread(target=_pass_on, args=(sender, source, target, link), daemon=True).start()


def _pass_on(sender: str, source: socket.socket, target: socket.socket, link: list[Captured]) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            link.append(Captured(time.time(), sender, data))
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
