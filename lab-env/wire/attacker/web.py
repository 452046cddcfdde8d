"""HTTP at an active door: passed on and read, or stripped of its TLS."""

from collections.abc import Iterator

import h11
from mitmproxy.connection import Server
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.context import Context

from attacker.between import Between
from attacker.doors import Door
from attacker.strip import Answers, asked

# Bytes of requests that a client may send before it has the answer to the first.
_MOST_AHEAD = 64 * 1024


class Relay(Between):
    """Passes on what either side says, over the kind of link that the client has chosen."""

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        client = self.context.client
        if isinstance(event, events.Start):
            self._note_tls("client", client)
        elif isinstance(event, events.DataReceived):
            self._note_clear(event.connection, event.data, received=True)
            if event.connection != client:
                yield from self._say(client, event.data)
            elif self._server or (yield from self._call("tls" if client.tls else "plain")):
                yield from self._say(self._server, event.data)
        elif isinstance(event, events.ConnectionClosed):
            yield from self._hang_up()


class Strip(Between):
    """HTTP with the client, HTTPS with the server. The client never learns that there was a choice."""

    def __init__(self, context: Context, door: Door, links: dict[str, Server], notes: object) -> None:
        super().__init__(context, door, links, notes)
        self._to_client, self._to_server = h11.Connection(h11.SERVER), h11.Connection(h11.CLIENT)
        self._answers = Answers()

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        client = self.context.client
        try:
            if isinstance(event, events.DataReceived):
                self._note_clear(event.connection, event.data, received=True)
                (self._to_client if event.connection == client else self._to_server).receive_data(event.data)
                yield from self._talk()
            elif isinstance(event, events.ConnectionClosed):
                if event.connection == self._server:  # where that is what ends an answer, it is whole now
                    self._to_server.receive_data(b"")
                    yield from self._talk()
                yield from self._hang_up()
        except h11.ProtocolError as why:
            self._notes.event("client", failed=str(why))
            yield from self._hang_up()

    def _talk(self) -> layer.CommandGenerator[None]:
        going_on = True
        while going_on:
            for event in _said(self._to_client):
                if isinstance(event, h11.Request) and not self._server and not (yield from self._call("tls")):
                    return
                yield from self._say(self._server, self._to_server.send(asked(event)))
            for event in _said(self._to_server):
                for part in self._answers.told(event):
                    yield from self._say(self.context.client, self._to_client.send(part))
            sides = (self._to_client, self._to_server)
            going_on = all(side.our_state is side.their_state is h11.DONE for side in sides)
            if going_on:
                for side in sides:
                    side.start_next_cycle()
            elif self._to_client.our_state is h11.MUST_CLOSE:  # the last answer has been given
                yield from self._hang_up()


def _said(side: h11.Connection) -> Iterator[h11.Event]:
    """What has arrived whole. Raises h11's ProtocolError for what is no HTTP."""
    while True:
        event = side.next_event()
        if event is h11.PAUSED and len(side.trailing_data[0]) > _MOST_AHEAD:
            raise h11.RemoteProtocolError("requests without waiting for an answer")
        if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
            return
        yield event
