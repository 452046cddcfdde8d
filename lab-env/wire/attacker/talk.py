"""PostgreSQL at an active door: both legs are read in the clear, and it is decided what each side gets to hear."""

from mitmproxy.connection import Server
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context

from attacker import postgres
from attacker.between import Between
from attacker.doors import Door
from attacker.login import Login


class Talk(Between):
    """Calls the server, alters the login where the door does, then relays.

    Before the login is over, messages are looked at one by one; afterwards bytes pass as they come.
    """

    def __init__(self, context: Context, door: Door, links: dict[str, Server], notes: object) -> None:
        super().__init__(context, door, links, notes)
        self._untried = list(door.upstream)
        self._startup = b""
        self._client_words = b""
        self._from_client = postgres.Framer()
        self._from_server = postgres.Framer()
        self._held = b""
        self._challenge: bytes | None = None
        self._login: Login | None = None
        self._relaying = False

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        client = self.context.client
        try:
            if isinstance(event, events.Start):
                self._note_tls("client", client)
            elif isinstance(event, events.DataReceived):
                self._note_clear(event.connection, event.data, received=True)
                if event.connection == client:
                    yield from self._hear_client(event.data)
                elif event.connection == self._server:
                    yield from self._hear_server(event.data)
            elif isinstance(event, events.ConnectionClosed) and event.connection in (client, self._server):
                yield from self._hang_up()
        except postgres.Nonsense as why:
            self._notes.event("client", failed=str(why))
            yield from self._hang_up()

    def _hear_client(self, data: bytes) -> layer.CommandGenerator[None]:
        if self._relaying:
            yield from self._say(self._server, data)
        elif not self._startup:
            self._client_words += data
            if packet := postgres.startup_packet(self._client_words):
                self._startup = packet
                self._relaying = postgres.startup_code(packet) == postgres.CANCEL_REQUEST
                yield from self._call_next()
                if rest := self._client_words[len(packet) :]:
                    yield from self._hear_client(rest)
        elif self._door.asks:
            for message in self._from_client.feed(data):
                if message[:1] == b"p" and self._challenge:
                    self._login = Login(postgres.startup_user(self._startup), postgres.password_in(message))
                    yield from self._say(self._server, self._login.answer(self._challenge))
                    self._challenge = None
        else:
            yield from self._say(self._server, data)

    def _hear_server(self, data: bytes) -> layer.CommandGenerator[None]:
        if self._relaying:
            yield from self._say(self.context.client, data)
            return
        calling = self._server
        for message in self._from_server.feed(data):
            yield from self._pass_on(message)
            if self._server != calling:
                return  # called again over another link: what else this one said no longer counts
            if self._relaying:
                yield from self._say(self.context.client, self._from_server.rest)
                return

    def _pass_on(self, message: bytes) -> layer.CommandGenerator[None]:
        client = self.context.client
        asked = postgres.authentication(message)
        if asked is None and message[:1] != b"E":
            # Said before the server has looked at its rules (protocol negotiation): kept back, for if they refuse
            # this link the client must not hear it twice.
            self._held += message
            return
        if postgres.refuses_the_link(message) and self._untried:
            yield commands.CloseConnection(self._server)
            yield from self._call_next()
            return
        held, self._held = self._held, b""
        self._untried.clear()
        self._relaying = asked in (None, postgres.OK)
        if self._door.asks and asked in (postgres.CLEARTEXT, postgres.MD5, postgres.SASL):
            self._challenge = message
            message = postgres.ASK_FOR_PASSWORD
        elif self._login and asked in (postgres.SASL_CONTINUE, postgres.SASL_FINAL):
            yield from self._say(self._server, self._login.answer(message))
            message = b""
        elif asked == postgres.SASL and self._server == self._links["tls"] and not client.tls:
            # The client has no TLS, so an offer to bind to it would give us away.
            message = postgres.without_channel_binding(message)
        yield from self._say(client, held + message)

    def _call_next(self) -> layer.CommandGenerator[None]:
        self._from_server, self._held = postgres.Framer(), b""
        if (yield from self._call(self._untried.pop(0))):
            yield from self._say(self._server, self._startup)
