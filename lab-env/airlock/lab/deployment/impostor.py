"""Somebody who answers in the vault's place: over TLS, with a certificate that no authority knows."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from airlock.lab.deployment.place import impostors
from airlock.lab.ground import HOST
from airlock.lab.ports import LOOPBACK
from airlock.lab.view import View


@contextmanager
def impostor(view: View) -> Iterator[tuple[str, list[bytes]]]:
    """Listen for the block; gives the URL, and a list of the secrets that clients have brought."""
    heard: list[bytes] = []

    class Ears(BaseHTTPRequestHandler):
        """Hears everything and says no."""

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 100_000))
            _keep(heard, body, self.headers.get("X-Vault-Token"))
            self._refuse()

        def do_GET(self) -> None:
            _keep(heard, b"", self.headers.get("X-Vault-Token"))
            self._refuse()

        def _refuse(self) -> None:
            answer = b'{"errors": ["permission denied"]}'
            self.send_response(403)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = _Server((LOOPBACK, 0), Ears)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(impostors(view) / "self-signed.crt", impostors(view) / "self-signed.key")
    # The handshake belongs into the client's thread: one that refuses it must not stop the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"https://{HOST}:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up has refused: no news."""


def _keep(heard: list[bytes], body: bytes, token: str | None) -> None:
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        said = {}
    texts = [value for value in said.values() if isinstance(value, str)] if isinstance(said, dict) else []
    for text in [*texts, token or ""]:
        if text and text.encode() not in heard:
            heard.append(text.encode())
