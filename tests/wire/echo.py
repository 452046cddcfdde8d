"""A TLS server that says everything back, and keeps what passed."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from types import TracebackType

from airlock.wire.captures import Captured


class Echo:
    """Serves one connection while the block runs.

    Attributes:
        port: where it listens on loopback.
        chunks: what passed, in order.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(20)
        self._change = threading.Condition()
        self._heard: bytes | None = None  # once the handshake is done
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._end = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._thread = threading.Thread(target=self._serve)
        self.port: int = self._listener.getsockname()[1]
        self.chunks: list[Captured] = []

    def __enter__(self) -> Echo:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.join(20)
        self._listener.close()

    def wait(self, words: bytes = b"") -> None:
        """Until the handshake is done and these words were heard."""
        with self._change:
            assert self._change.wait_for(lambda: self._heard is not None and words in self._heard, 20), "nothing came"

    def _serve(self) -> None:
        link, _ = self._listener.accept()
        link.settimeout(20)
        with link:
            while data := link.recv(1 << 16):
                self._keep("client", data)
                self._incoming.write(data)
                try:
                    self._answer()
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError:
                    return
                if answer := self._outgoing.read():
                    self._keep("server", answer)
                    link.sendall(answer)

    def _answer(self) -> None:
        if self._heard is None:
            self._end.do_handshake()
            self._hear(b"")
        while words := self._end.read(1 << 16):
            self._end.write(words)
            self._hear(words)

    def _hear(self, words: bytes) -> None:
        with self._change:
            self._heard = (self._heard or b"") + words
            self._change.notify_all()

    def _keep(self, sender: str, data: bytes) -> None:
        self.chunks.append(Captured(time.time(), sender, data))
