"""The courier: its end of a link that somebody has cut. Whoever comes out of it is taken for the depot."""

from __future__ import annotations

import socket

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from airlock.wire.channel.end import End
from airlock.wire.channel.protocol import SHARE, derive, exchange, receive, seal_line, send_record


class Courier(End):
    """Agrees on a key with whoever connects to ``port`` while its block runs, and sends ``line``.

    Attributes:
        depot_share: what came as the depot's.
        key: what was agreed on; empty when it did not come to that.
        record: the line as it was sent.
    """

    def __init__(self, line: bytes) -> None:
        self._line = line
        self.depot_share = b""
        self.key = b""
        self.record = b""

    def __enter__(self) -> Courier:
        super().__enter__()
        return self

    def meet(self, link: socket.socket) -> None:
        """Speak first, as the protocol says."""
        mine = X25519PrivateKey.generate()
        link.sendall(mine.public_key().public_bytes_raw())
        self.depot_share = receive(link, SHARE)
        try:
            self.key = derive(exchange(mine, self.depot_share))
        except ValueError:
            return
        self.record = seal_line(self.key, self._line)
        send_record(link, self.record)
