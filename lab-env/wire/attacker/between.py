"""What every innermost layer of an active door can do: speak to both sides, and note what it read."""

from mitmproxy.connection import Connection, ConnectionState, Server
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.context import Context

from attacker.doors import Door


class Between(layer.Layer):
    """Between a client and the server; ``links`` are the ways to the server, ``plain`` and ``tls``."""

    def __init__(self, context: Context, door: Door, links: dict[str, Server], notes: object) -> None:
        super().__init__(context)
        self._door, self._links, self._notes = door, links, notes
        self._server: Server | None = None

    def _call(self, link: str) -> layer.CommandGenerator[bool]:
        """Open a link to the server; hangs up, and returns False, where nobody answers."""
        self._server = self._links[link]
        error = yield commands.OpenConnection(self._server)
        if error:
            yield from self._hang_up()
            return False
        self._note_tls("server", self._server)
        return True

    def _say(self, to: Connection | None, data: bytes) -> layer.CommandGenerator[None]:
        if to and data:
            self._note_clear(to, data, received=False)
            yield commands.SendData(to, data)

    def _hang_up(self) -> layer.CommandGenerator[None]:
        for connection in (self._server, self.context.client):
            if connection and connection.state is not ConnectionState.CLOSED:
                yield commands.CloseConnection(connection)

    def _note_clear(self, connection: Connection, data: bytes, *, received: bool) -> None:
        if connection.tls:  # on a plain link what was read is what was on it: the tap has it
            on_client_leg = connection == self.context.client
            leg = "client" if on_client_leg else "server"
            self._notes.chunk(leg, "clear", "client" if on_client_leg == received else "server", data)

    def _note_tls(self, leg: str, connection: Connection) -> None:
        if connection.tls:
            facts = {
                "version": connection.tls_version or "",
                "cipher": connection.cipher or "",
                "sni": connection.sni or "",
                "alpn": (connection.alpn or b"").decode(errors="replace"),
            }
            self._notes.event(leg, tls=facts)
