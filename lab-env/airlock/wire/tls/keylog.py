"""Key logs: the secrets of TLS sessions as clients write them down for their owner (``SSLKEYLOGFILE``, RFC 9850).

A line is ``label client_random secret``, the last two in hexadecimal. The client random, readable in every
ClientHello, says which session a line belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASTER = "CLIENT_RANDOM"
"""The label of a session's master secret, up to TLS 1.2."""
HANDSHAKE = {"client": "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "server": "SERVER_HANDSHAKE_TRAFFIC_SECRET"}
TRAFFIC = {"client": "CLIENT_TRAFFIC_SECRET_0", "server": "SERVER_TRAFFIC_SECRET_0"}
"""Labels of TLS 1.3: each side has a secret of its own for the handshake, and one for what follows."""

# A hash of 32 or 48 bytes; a master secret has 48. Anything else is a comment, or was cut off.
_LINE = re.compile(r"([A-Z0-9_]+) ([0-9a-fA-F]{64}) ([0-9a-fA-F]{64}|[0-9a-fA-F]{96})")


class KeyLog:
    """The secrets of any number of sessions. Lines that are none are passed over."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._secrets: dict[tuple[bytes, str], bytes] = {}
        for line in lines:
            if found := _LINE.fullmatch(line.strip()):
                label, random, secret = found.groups()
                self._secrets[bytes.fromhex(random), label] = bytes.fromhex(secret)

    def secret(self, random: bytes, label: str) -> bytes | None:
        """The secret of that label, of the session with that client random."""
        return self._secrets.get((random, label))
