"""mitmproxy's part of the wire: one attacker a port, each connection recorded.

Runs inside mitmproxy's own environment, so it imports nothing of airlock. What a door does is in
``attacker/doors.py``, the recordings are described in ``airlock/wire/captures.py``.
"""

import os
from pathlib import Path

from attacker.doors import DOORS
from attacker.link import Tap
from attacker.notes import NoNotes, Notes
from attacker.opening import begin
from mitmproxy import connection, ctx, exceptions
from mitmproxy.proxy import layer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData


def _pairs(variable: str) -> dict[str, int]:
    """``name=port,name=port``."""
    return {name: int(port) for name, port in (pair.split("=") for pair in os.environ[variable].split(","))}


PORTS = {port: door for door, port in _pairs("AIRLOCK_DOORS").items()}
CAPTURES = Path(os.environ["AIRLOCK_CAPTURES"])
CERTIFICATES = Path(os.environ.get("AIRLOCK_CERTIFICATES", "."))
SERVICES = _pairs("AIRLOCK_SERVICES")
# Protocol and kind of link -> which of the lab's services is called.
LINKS = {
    "postgres": {"plain": "postgres", "tls": "postgres"},
    "http": {"plain": "billing-http", "tls": "billing-https"},
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Wire:
    """Puts the door's attacker on each connection. The port a client came to is the door."""

    def __init__(self) -> None:
        self._notes: dict[str, Notes] = {}

    def running(self) -> None:
        """Refuse to serve anything but the lab: this tool must never point at somebody else's service."""
        for mode in ctx.options.mode:
            target = mode.removeprefix("reverse:tcp://").split("@")[0]
            host, _, port = target.rpartition(":")
            if host not in _LOOPBACK or int(port) not in SERVICES.values():
                raise exceptions.OptionsError(
                    f"the wire only relays to the lab's PostgreSQL and billing, not to {target}"
                )

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """The last word before a connection leaves: only the lab's own services."""
        address = data.server.address
        if address is None or address[0] not in _LOOPBACK or address[1] not in SERVICES.values():
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
        host = data.context.server.address[0]
        upstream = {link: (host, SERVICES[service]) for link, service in LINKS[door.protocol].items()}
        tap.child_layer = begin(data.context, door, upstream, CERTIFICATES, notes)
        data.layer = tap

    def client_disconnected(self, client: connection.Client) -> None:
        """Close the recording."""
        if notes := self._notes.pop(client.id, None):
            notes.close()


addons = [Wire()]
