"""One end of a link: a loopback port, and a thread that meets whoever calls there."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

_LOOPBACK = "127.0.0.1"
_PATIENCE = 4.0
"""Seconds to wait for a caller's next bytes."""
_GRACE = 1.5
"""Seconds that a caller who is being met when the block ends may still take."""


class End:
    """Listens while its block runs; what is done with a caller is for the subclass to say, in `meet`."""

    port: int

    def __enter__(self) -> End:
        self._server = socket.create_server((_LOOPBACK, 0))
        self._server.settimeout(0.1)
        self.port = self._server.getsockname()[1]
        self._over = threading.Event()
        self._caller: socket.socket | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(_GRACE)
        if self._caller:
            with suppress(OSError):
                self._caller.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)
        self._server.close()

    def meet(self, link: socket.socket) -> None:
        """Talk to a caller. An OSError ends the talk, not the thread."""
        raise NotImplementedError

    def _listen(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except TimeoutError:
                # Only here: whoever called before the end of the block is met.
                if self._over.is_set():
                    return
                continue
            except OSError:
                return
            link.settimeout(_PATIENCE)
            with link:
                self._caller = link
                with suppress(OSError):
                    self.meet(link)
                self._caller = None
