"""The depot: agrees on a key with whoever calls, and takes one line."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from airlock.wire.channel.end import End
from airlock.wire.channel.protocol import SHARE, derive, exchange, open_line, receive, receive_record, signed_answer


@dataclass
class Visit:
    """What the depot knows of one caller; empty is what it did not come to.

    Attributes:
        client_share, depot_share: as they passed.
        secret: what X25519 gave.
        key: the session's.
        record: what came after the agreement, closed.
        line: what was in it, when it could be opened.
    """

    client_share: bytes = b""
    depot_share: bytes = b""
    secret: bytes = b""
    key: bytes = b""
    record: bytes = b""
    line: bytes = b""


class Depot(End):
    """Listens at ``port`` while its block runs. With ``signing`` it signs what was agreed on.

    Attributes:
        visits: one for each caller, in order.
    """

    def __init__(self, signing: Ed25519PrivateKey | None = None) -> None:
        self._signing = signing
        self.visits: list[Visit] = []

    def __enter__(self) -> Depot:
        super().__enter__()
        return self

    @property
    def last(self) -> Visit:
        """The last caller's visit; an empty one before anybody called."""
        return self.visits[-1] if self.visits else Visit()

    def meet(self, link: socket.socket) -> None:
        """Agree on a key, then take a line."""
        visit = Visit()
        self.visits.append(visit)
        visit.client_share = receive(link, SHARE)
        mine = X25519PrivateKey.generate()
        visit.depot_share = mine.public_key().public_bytes_raw()
        try:
            visit.secret = exchange(mine, visit.client_share)
        except ValueError:  # a share that every private key gives the same secret for (RFC 7748, 6.1)
            return
        visit.key = derive(visit.secret)
        link.sendall(self._answer(visit))
        visit.record = receive_record(link)
        try:
            visit.line = open_line(visit.key, visit.record)
        except (InvalidTag, ValueError):
            return

    def _answer(self, visit: Visit) -> bytes:
        if self._signing is None:
            return visit.depot_share
        return signed_answer(self._signing, visit.client_share, visit.depot_share)
