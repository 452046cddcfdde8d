"""mitmproxy's part of the wire: relays each door to the lab's PostgreSQL and records what passes.

Runs inside mitmproxy's own environment, so it imports nothing of airlock. One recording a connection:
``<door>-<time>-<id>.jsonl``; the first line says which door and which client, each further line is one chunk:
``{"t": seconds since the epoch, "from": "client" | "server", "hex": bytes}``.
"""

import json
import os
import time
from pathlib import Path
from typing import IO

from mitmproxy import ctx, exceptions, tcp
from mitmproxy.proxy import layer, layers
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

DOORS = {int(port): door for port, door in (pair.split("=") for pair in os.environ["AIRLOCK_DOORS"].split(","))}
CAPTURES = Path(os.environ["AIRLOCK_CAPTURES"])
UPSTREAM_PORT = int(os.environ["AIRLOCK_UPSTREAM_PORT"])
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Wire:
    """Records the two legs of every connection. On a passive door both legs carry the same bytes."""

    def __init__(self) -> None:
        self._recordings: dict[str, IO[str]] = {}

    def running(self) -> None:
        """Refuse to serve anything but the lab: this tool must never point at somebody else's database."""
        for mode in ctx.options.mode:
            target = mode.removeprefix("reverse:tcp://").split("@")[0]
            host, _, port = target.rpartition(":")
            if host not in _LOOPBACK or int(port) != UPSTREAM_PORT:
                raise exceptions.OptionsError(f"the wire only relays to the lab's PostgreSQL, not to {target}")

    def next_layer(self, data: layer.NextLayer) -> None:
        """Relay raw bytes. Left to itself mitmproxy would terminate a TLS session it recognises."""
        data.layer = layers.TCPLayer(data.context)

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """The last word before a connection leaves: only the lab's own server."""
        address = data.server.address
        if address is None or address[0] not in _LOOPBACK or address[1] != UPSTREAM_PORT:
            data.server.error = "outside the lab"

    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        """Open a recording."""
        door = DOORS[flow.client_conn.sockname[1]]
        if door == "relay":
            return  # an honest cable keeps no notes
        file = CAPTURES / f"{door}-{time.time_ns()}-{flow.client_conn.peername[1]}.jsonl"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        stream = os.fdopen(descriptor, "w")
        self._recordings[flow.id] = stream
        self._write(stream, {"door": door, "client": list(flow.client_conn.peername), "t": time.time()})

    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """Record a chunk, then forget it: a long transfer must not grow this process."""
        message = flow.messages.pop()
        flow.messages.append(message)
        del flow.messages[:-1]
        if stream := self._recordings.get(flow.id):
            sender = "client" if message.from_client else "server"
            self._write(stream, {"t": message.timestamp, "from": sender, "hex": message.content.hex()})

    def tcp_end(self, flow: tcp.TCPFlow) -> None:
        """Close the recording."""
        if stream := self._recordings.pop(flow.id, None):
            self._write(stream, {"t": time.time(), "end": True})
            stream.close()

    tcp_error = tcp_end

    @staticmethod
    def _write(stream: IO[str], record: dict[str, object]) -> None:
        stream.write(json.dumps(record) + "\n")
        stream.flush()


addons = [Wire()]
