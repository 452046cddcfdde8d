"""Lesson 3's channel: a courier tells a depot one line, over a key that both have just agreed on.

It is a toy with the parts of the real thing, spoken over real sockets on this machine::

    client → depot   32 bytes      the client's share (X25519)
    depot → client   32 bytes      the depot's share; a depot that signs sends 160, see `protocol.signed_answer`
                                   both: key = HKDF-SHA256(X25519(own private key, the other's share))
    client → depot   2 + n bytes   the length of a record, and the record: nonce ‖ AES-256-GCM(line)

Every wait has an end, every thread ends with its block, and nothing listens beyond loopback.
"""

from airlock.wire.channel.courier import Courier
from airlock.wire.channel.depot import Depot, Visit
from airlock.wire.channel.protocol import CONTEXT, INFO, SHARE, derive, receive, receive_line, send_line

__all__ = ["CONTEXT", "INFO", "SHARE", "Courier", "Depot", "Visit", "derive", "receive", "receive_line", "send_line"]
