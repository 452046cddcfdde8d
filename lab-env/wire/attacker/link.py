"""The outermost layer of every door: what is noted of the bytes as they pass."""

from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context


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
