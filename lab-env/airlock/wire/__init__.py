"""Bytes on a link: recordings of both legs, and what they say.

`decode` turns what passed on one connection into messages, each byte explained::

    for message in decode(chunks):              # Captured(time, sender, data), in any chunking
        message.protocol, message.kind          # "PostgreSQL", "Query"
        message.sender, message.time            # "client", seconds since the epoch
        message.raw, message.size               # its bytes, and how many passed
        message.status                          # Status.COMPLETE, TRUNCATED or UNDECODABLE
        message.explanation, message.remark     # what it is for; what is odd about this one
        message.get("query")                    # a field's value; all(name) where there are several
        for field in message.fields:            # name, offset, length, value, explanation, depth
            ...
    for message in decode(chunks, keys=lines):  # with the session's key log
        message.inside, message.opening         # what an encrypted record held, and how it was opened

`Conversation` does the same as chunks arrive. `write_pcapng` writes connections for Wireshark,
`links` makes them of a recording. All of it is pure:
no lab, no network, no state beyond the conversation. No bytes make it raise, and memory stays bounded.

The raw bytes of a side's messages, joined, are what that side sent (but for the tails of messages over the limit).
"""

from airlock.wire.conversation import Conversation, ProtocolName, decode
from airlock.wire.flow import LIMIT
from airlock.wire.message import Message, Opening, Status
from airlock.wire.notes import Field, Value
from airlock.wire.pcapng import Link, links, write_pcapng

__all__ = [
    "LIMIT",
    "Conversation",
    "Field",
    "Link",
    "Message",
    "Opening",
    "ProtocolName",
    "Status",
    "Value",
    "decode",
    "links",
    "write_pcapng",
]
