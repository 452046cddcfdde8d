"""mitmproxy's part of the wire: one attacker a port, each connection recorded.

Runs inside mitmproxy's own environment, so it imports nothing of airlock. What a door does is in
``attacker/doors.py``, where doors are in ``attacker/posts.py``; the recordings are described in
``airlock/wire/captures.py``.
"""

import asyncio
import os
import traceback
from pathlib import Path

from attacker.doors import DOORS
from attacker.link import Tap
from attacker.notes import NoNotes, Notes
from attacker.opening import begin
from attacker.posts import HOST, Post, Warehouses, lab_posts
from mitmproxy import connection, ctx, exceptions
from mitmproxy.proxy import layer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

_PAUSE = 0.1  # seconds between two looks for warehouses


class Wire:
    """Puts the door's attacker on each connection. The port a client came to is the door."""

    def __init__(self) -> None:
        self._notes: dict[str, Notes] = {}
        self._own = lab_posts()
        self._posts: dict[int, Post] = dict(self._own)
        self._warehouses = _warehouses()
        self._watching: asyncio.Task | None = None

    def running(self) -> None:
        """Listen in front of the lab's services, and of each warehouse as long as it is there."""
        self._look()
        self._watching = asyncio.create_task(self._watch())

    def done(self) -> None:
        """Leave the watch to the addon that comes in place of this one: mitmproxy reads a file anew that is edited."""
        if self._watching:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                self._look()
            except Exception:  # whatever it was: a watch that ends leaves every later warehouse without doors
                traceback.print_exc()
                self._warehouses = _warehouses()  # which looks at all of them again

    def _look(self) -> None:
        if not self._warehouses.changed():
            return
        before = set(self._modes())
        self._posts = {**self._warehouses.posts(), **self._own}
        # Here alone it is said where this tool points: at what the lab has told of, on this machine.
        for mode in {*ctx.options.mode} - before - {*self._modes(), "regular"}:
            target = mode.removeprefix("reverse:tcp://").split("@")[0]
            raise exceptions.OptionsError(f"the wire only relays to the lab's own servers, not to {target}")
        ctx.options.update(mode=self._modes(), server=True)

    def _modes(self) -> list[str]:
        return [post.mode(port) for port, post in self._posts.items()]

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """The last word before a connection leaves: only the lab's own servers."""
        address = data.server.address
        allowed = {port for post in self._posts.values() for port in post.upstream.values()}
        if address is None or address[0] != HOST or address[1] not in allowed:
            data.server.error = "outside the lab"

    def next_layer(self, data: layer.NextLayer) -> None:
        """Our own layers, chosen before mitmproxy guesses: it would end a TLS session that it recognises."""
        client = data.context.client
        post = self._posts[client.sockname[1]]
        door = DOORS[post.name]
        notes = NoNotes()
        if door.records:
            notes = Notes(post.captures, post.name, client.peername, client.sockname, passive=door.passive)
            self._notes[client.id] = notes
        tap = Tap(data.context, notes, passive=door.passive)
        upstream = {link: (HOST, port) for link, port in post.upstream.items()}
        tap.child_layer = begin(data.context, door, upstream, post.certificates, notes)
        data.layer = tap

    def client_disconnected(self, client: connection.Client) -> None:
        """Close the recording."""
        if notes := self._notes.pop(client.id, None):
            notes.close()


def _warehouses() -> Warehouses:
    return Warehouses(Path(os.environ["AIRLOCK_WAREHOUSES"]))


addons = [Wire()]
