"""TLS on either leg, ended by the attacker: mitmproxy's layers with the lab's certificates instead of its own."""

import contextlib
from pathlib import Path

from mitmproxy.connection import Server
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.tls import ClientTLSLayer, ServerTLSLayer, TLSLayer
from OpenSSL import SSL


class _Polite(TLSLayer):
    """Says goodbye: without close_notify a client cannot tell an end from a cut, and libpq complains."""

    leg: str
    notes: object

    def send_close(self, command: commands.CloseConnection) -> layer.CommandGenerator[None]:
        if self.tls:
            with contextlib.suppress(SSL.Error):
                self.tls.shutdown()
            yield from self.tls_interact()
        yield from super().send_close(command)

    def on_handshake_error(self, err: str) -> layer.CommandGenerator[None]:
        self.notes.event(self.leg, failed=err)
        yield from super().on_handshake_error(err)

    def _begin(self, context: SSL.Context) -> None:
        context.set_keylog_callback(lambda _, line: self.notes.event(self.leg, keys=line.decode()))
        self.tls = SSL.Connection(context)


class Forged(_Polite, ClientTLSLayer):
    """The client's TLS session ends here, with a certificate of the attacker's choice."""

    leg = "client"

    def __init__(self, context: Context, identity: Path, alpn: bytes, notes: object) -> None:
        super().__init__(context)
        self._identity, self._alpn, self.notes = identity, alpn, notes

    def start_tls(self) -> layer.CommandGenerator[None]:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(str(self._identity.with_suffix(".crt")))
        context.use_privatekey_file(str(self._identity.with_suffix(".key")))
        # PostgreSQL's direct TLS insists on ALPN; a session after SSLRequest may do without, and so may HTTP.
        context.set_alpn_select_callback(
            lambda _, offers: self._alpn if self._alpn in offers else SSL.NO_OVERLAPPING_PROTOCOLS
        )
        self._begin(context)
        self.tls.set_accept_state()
        yield from ()


class Sealed(_Polite, ServerTLSLayer):
    """The attacker's own session with the server: direct TLS, and he verifies nothing."""

    leg = "server"

    def __init__(self, context: Context, server: Server, alpn: bytes, notes: object) -> None:
        super().__init__(context, server)
        self._alpn, self.notes = alpn, notes

    def start_tls(self) -> layer.CommandGenerator[None]:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_alpn_protos([self._alpn])
        self._begin(context)
        self.tls.set_connect_state()
        yield from ()
