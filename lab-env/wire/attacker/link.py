"""The outer layers of every door: what is noted of the bytes as they pass, and how a session begins."""

from itertools import pairwise
from pathlib import Path

from mitmproxy.connection import Server
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context

from attacker import postgres
from attacker.doors import Door
from attacker.talk import Talk
from attacker.tls import Forged, Sealed

_TLS_HANDSHAKE = 0x16


class Tap(layer.Layer):
    """Notes the raw bytes of both legs, whatever the layer below makes of them."""

    def __init__(self, context: Context, notes: object, *, passive: bool) -> None:
        super().__init__(context)
        self._notes, self._passive = notes, passive
        self.child_layer: layer.Layer

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.DataReceived):
            self._note(event.connection, event.data, received=True)
        elif isinstance(event, events.OpenConnectionCompleted) and event.reply is None:
            server = event.command.connection
            self._notes.event("server", open=[list(server.sockname[:2]), list(server.peername[:2])])
        for command in self.child_layer.handle_event(event):
            if isinstance(command, commands.SendData):
                self._note(command.connection, command.data, received=False)
            yield command

    def _note(self, connection: object, data: bytes, *, received: bool) -> None:
        on_client_leg = connection == self.context.client
        if self._passive:
            # What comes in on one leg goes out on the other: once is enough.
            if received:
                self._notes.chunk("client", "raw", "client" if on_client_leg else "server", data)
            return
        leg = "client" if on_client_leg else "server"
        sender = "client" if on_client_leg == received else "server"
        self._notes.chunk(leg, "raw", sender, data)


class Opening(layer.Layer):
    """Answers a client's requests for encryption, then hands over: in the clear, or inside a forged session."""

    def __init__(self, context: Context, door: Door, certificates: Path, notes: object) -> None:
        super().__init__(context)
        self._door, self._certificates, self._notes = door, certificates, notes
        self._buffer = b""
        self._child: layer.Layer | None = None

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if self._child:
            yield from self._child.handle_event(event)
        elif isinstance(event, events.DataReceived):
            self._buffer += event.data
            try:
                yield from self._answer()
            except postgres.Nonsense as why:
                self._notes.event("client", failed=str(why))
                yield commands.CloseConnection(self.context.client)
        elif isinstance(event, events.ConnectionClosed):
            yield commands.CloseConnection(self.context.client)

    def _answer(self) -> layer.CommandGenerator[None]:
        client = self.context.client
        while self._buffer:
            if self._buffer[0] == _TLS_HANDSHAKE:  # direct TLS: there is no request to say no to
                if self._door.certificate is None:
                    yield commands.CloseConnection(client)
                    return
                yield from self._hand_over(forged=True)
                return
            packet = postgres.startup_packet(self._buffer)
            if packet is None:
                return
            request = postgres.startup_code(packet)
            if request not in {postgres.GSSENC_REQUEST, postgres.SSL_REQUEST}:
                yield from self._hand_over(forged=False)
                return
            self._buffer = self._buffer[len(packet) :]
            if request == postgres.SSL_REQUEST and self._door.certificate:
                yield commands.SendData(client, b"S")
                yield from self._hand_over(forged=True)
                return
            yield commands.SendData(client, b"N")

    def _hand_over(self, *, forged: bool) -> layer.CommandGenerator[None]:
        address = self.context.server.address
        links = {"plain": Server(address=address), "tls": Server(address=address)}
        stack: list[layer.Layer] = [Sealed(self.context, links["tls"], self._notes)]
        if forged:
            identity = self._certificates / str(self._door.certificate)
            stack.append(Forged(self.context, identity, self._notes))
        stack.append(Talk(self.context, self._door, links, self._notes))
        for outer, inner in pairwise(stack):
            outer.child_layer = inner
        self._child = stack[0]
        yield from self._child.handle_event(events.Start())
        if self._buffer:
            yield from self._child.handle_event(events.DataReceived(self.context.client, self._buffer))
