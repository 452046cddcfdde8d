"""mitmproxy's part of the wire: one attacker a port, each connection recorded.

Runs inside mitmproxy's own environment, so it imports nothing of airlock. What a door does is in
``attacker/doors.py``, the recordings are described in ``airlock/wire/captures.py``.
"""

import os
from pathlib import Path

from attacker.doors import DOORS
from attacker.link import Opening, Tap
from attacker.notes import NoNotes, Notes
from mitmproxy import connection, ctx, exceptions
from mitmproxy.proxy import layer, layers
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

PORTS = {int(port): door for port, door in (pair.split("=") for pair in os.environ["AIRLOCK_DOORS"].split(","))}
CAPTURES = Path(os.environ["AIRLOCK_CAPTURES"])
CERTIFICATES = Path(os.environ.get("AIRLOCK_CERTIFICATES", "."))
UPSTREAM_PORT = int(os.environ["AIRLOCK_UPSTREAM_PORT"])
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Wire:
    """Puts the door's attacker on each connection. The port a client came to is the door."""

    def __init__(self) -> None:
        self._notes: dict[str, Notes] = {}

    def running(self) -> None:
        """Refuse to serve anything but the lab: this tool must never point at somebody else's database."""
        for mode in ctx.options.mode:
            target = mode.removeprefix("reverse:tcp://").split("@")[0]
            host, _, port = target.rpartition(":")
            if host not in _LOOPBACK or int(port) != UPSTREAM_PORT:
                raise exceptions.OptionsError(f"the wire only relays to the lab's PostgreSQL, not to {target}")

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """The last word before a connection leaves: only the lab's own server."""
        address = data.server.address
        if address is None or address[0] not in _LOOPBACK or address[1] != UPSTREAM_PORT:
            data.server.error = "outside the lab"

    def next_layer(self, data: layer.NextLayer) -> None:
        """Our own layers, chosen before mitmproxy guesses: it would end a TLS session that it recognises."""
        client = data.context.client
        name = PORTS[client.sockname[1]]
        door = DOORS[name]
        notes = NoNotes()
        if door.records:
            notes = Notes(CAPTURES, name, client.peername, client.sockname, passive=door.passive)
            self._notes[client.id] = notes
        tap = Tap(data.context, notes, passive=door.passive)
        tap.child_layer = (
            layers.TCPLayer(data.context, ignore=True)  # no flow: a long transfer must not grow this process
            if door.passive
            else Opening(data.context, door, CERTIFICATES, notes)
        )
        data.layer = tap

    def client_disconnected(self, client: connection.Client) -> None:
        """Close the recording."""
        if notes := self._notes.pop(client.id, None):
            notes.close()


addons = [Wire()]
