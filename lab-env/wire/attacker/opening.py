"""How a session begins at an active door: the client shows whether it wants TLS, and the door decides what it gets."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from mitmproxy.connection import Server
from mitmproxy.proxy import commands, events, layer, layers
from mitmproxy.proxy.context import Context

from attacker import postgres
from attacker.between import Between
from attacker.doors import Door
from attacker.talk import Talk
from attacker.tls import Forged, Sealed
from attacker.web import Relay, Strip

Address = tuple[str, int]

_TLS_HANDSHAKE = 0x16


class Opening(layer.Layer):
    """Listens until it is known how the client comes, then hands over to a layer that stays.

    Args:
        upstream: where the server is, by kind of link: ``plain`` and ``tls``.
        certificates: the folder of the identities that doors show.
    """

    alpn: bytes

    def __init__(
        self, context: Context, door: Door, upstream: Mapping[str, Address], certificates: Path, notes: object
    ) -> None:
        super().__init__(context)
        self._door, self._upstream, self._certificates, self._notes = door, upstream, certificates, notes
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
        """Look at what has come so far, and hand over once it is enough."""
        raise NotImplementedError

    def _converse(self, talk: type[Between], *, forged: bool, first: bytes = b"") -> layer.CommandGenerator[None]:
        """From here on ``talk`` reads both sides, inside a forged session where the client has TLS.

        ``first`` is said to the client before that.
        """
        identity = self._certificates / str(self._door.certificate)
        if forged and not all(identity.with_suffix(kind).exists() for kind in (".crt", ".key")):
            self._notes.event("client", failed="nothing to show: the server has no key that could be stolen")
            yield commands.CloseConnection(self.context.client)
            return
        if first:
            yield commands.SendData(self.context.client, first)
        links = {link: Server(address=address) for link, address in self._upstream.items()}
        stack: list[layer.Layer] = [Sealed(self.context, links["tls"], self.alpn, self._notes)]
        if forged:
            stack.append(Forged(self.context, identity, self.alpn, self._notes))
        stack.append(talk(self.context, self._door, links, self._notes))
        for outer, inner in pairwise(stack):
            outer.child_layer = inner
        yield from self._hand_over(stack[0])

    def _hand_over(self, child: layer.Layer) -> layer.CommandGenerator[None]:
        self._child = child
        yield from child.handle_event(events.Start())
        if self._buffer:
            yield from child.handle_event(events.DataReceived(self.context.client, self._buffer))


class PostgresOpening(Opening):
    """Answers requests for encryption, as many as come."""

    alpn = b"postgresql"

    def _answer(self) -> layer.CommandGenerator[None]:
        client = self.context.client
        while self._buffer:
            if self._buffer[0] == _TLS_HANDSHAKE:  # direct TLS: there is no request to say no to
                if self._door.certificate is None:
                    yield commands.CloseConnection(client)
                    return
                yield from self._converse(Talk, forged=True)
                return
            packet = postgres.startup_packet(self._buffer)
            if packet is None:
                return
            request = postgres.startup_code(packet)
            if request not in {postgres.GSSENC_REQUEST, postgres.SSL_REQUEST}:
                yield from self._converse(Talk, forged=False)
                return
            self._buffer = self._buffer[len(packet) :]
            if request == postgres.SSL_REQUEST and self._door.certificate:
                yield from self._converse(Talk, forged=True, first=b"S")
                return
            yield commands.SendData(client, b"N")


class HttpOpening(Opening):
    """Sees by the first byte whether the client comes with TLS. It is not asked: the address has said it."""

    alpn = b"http/1.1"

    def _answer(self) -> layer.CommandGenerator[None]:
        secure = self._buffer[0] == _TLS_HANDSHAKE
        if self._door.passive or (secure and self._door.certificate is None):
            self.context.server = Server(address=self._upstream["tls" if secure else "plain"])
            yield from self._hand_over(cable(self.context))
        else:
            yield from self._converse(Strip if self._door.strips else Relay, forged=secure)


def cable(context: Context) -> layer.Layer:
    """Passes bytes on as they come, to the context's server."""
    return layers.TCPLayer(context, ignore=True)  # no flow: a long transfer must not grow this process


def begin(
    context: Context, door: Door, upstream: Mapping[str, Address], certificates: Path, notes: object
) -> layer.Layer:
    """The layer that a connection to this door begins with."""
    if door.protocol == "http":
        return HttpOpening(context, door, upstream, certificates, notes)
    if door.passive:  # the server may speak first, and there is one address to call whatever the client says
        return cable(context)
    return PostgresOpening(context, door, upstream, certificates, notes)
