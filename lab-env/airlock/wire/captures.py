"""Recordings of the wire: what the attacker on a door kept of each connection.

One file a connection, ``<door>-<time>-<client port>.jsonl``. The first line is the header, then a line an event:

=========================================  ==================================================================
``{"door", "client", "address", "t",``     header: addresses are ``[ip, port]``; ``passive`` doors are a cable, both
``"passive"}``                             legs carry the same bytes and only the client's is written
``{"t", "from", "hex", "leg", "layer"}``   one chunk; ``leg`` (default ``client``) and ``layer`` (default ``raw``)
``{"t", "leg", "open": [local, peer]}``    a TCP connection of that leg begins; a door may call the server twice
``{"t", "leg", "tls": {…}}``               the door ends TLS on this leg: version, cipher, sni, alpn
``{"t", "leg", "keys": "…"}``              a line of that session's key log (NSS format)
``{"t", "leg", "failed": "…"}``            TLS failed on this leg, in OpenSSL's words
``{"t", "full": true}``                    later chunks were not kept: there were too many bytes
``{"t", "end": true}``                     the connection is over
=========================================  ==================================================================
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

Leg = Literal["client", "server"]
Layer = Literal["raw", "clear"]
Address = tuple[str, int]
# Seconds. Recordings take one; whoever holds a door longer than this has forgotten it.
_LONGEST_RECORDING = 20.0


class Doors(Protocol):
    """Where the wire's doors and recordings are (`airlock.lab.description.WireEndpoint`)."""

    @property
    def host(self) -> str: ...
    @property
    def doors(self) -> dict[str, int]: ...
    @property
    def captures(self) -> str: ...


@dataclass(frozen=True)
class Captured:
    """One chunk as it passed: it is what one read gave the proxy, so it may hold half a message or several.

    Attributes:
        time: seconds since the epoch.
        sender: ``client`` or ``server``: which end of *this leg*'s conversation spoke. On the server's leg
            ``client`` is the door.
        leg: ``client`` (client to door) or ``server`` (door to server).
        layer: ``raw`` as it was on the link; ``clear`` what the door read inside TLS it ended itself.
        link: which TCP connection of the leg, counted from 0. A door that is refused in the clear calls again.
    """

    time: float
    sender: str
    data: bytes
    leg: Leg = "client"
    layer: Layer = "raw"
    link: int = 0


@dataclass
class Connection:
    """One connection of a client, with what the door did for it.

    Attributes:
        door: its name.
        client, address: the client's end and the door's end of the client's leg.
        passive: the door only relays; its two legs carry the same bytes.
        began: seconds since the epoch.
        messages: every chunk in the order of time.
        servers: local and peer address of each TCP connection of the server's leg.
        tls: by leg, what was negotiated where the door ends TLS itself.
        keys: by leg, lines of the session's key log, for standard tools.
        failed: by leg, why the TLS handshake failed.
        full: there was more than the attacker kept; the chunks here are the beginning.
        ended: whether the connection is over.
    """

    door: str = ""
    client: Address = ("", 0)
    address: Address = ("", 0)
    passive: bool = True
    began: float = 0.0
    messages: list[Captured] = field(default_factory=list)
    servers: list[tuple[Address, Address]] = field(default_factory=list)
    tls: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    full: bool = False
    ended: bool = False

    def chunks(self, leg: Leg = "client", layer: Layer = "raw") -> list[Captured]:
        """The chunks of one leg and layer. Of a passive door both legs are the same."""
        if self.passive and leg == "server":
            return [replace(chunk, leg="server") for chunk in self.chunks("client", layer)]
        return [chunk for chunk in self.messages if (chunk.leg, chunk.layer) == (leg, layer)]

    def readable(self, leg: Leg = "client") -> list[Captured]:
        """The best the door could read of a leg: what was inside TLS where it ended it, else what was on the link."""
        return self.chunks(leg, "clear") or self.chunks(leg, "raw")


@dataclass
class Recording:
    """The connections that went through a door while it was recorded.

    Attributes:
        door, host, port: where it is.
        connections: each with its own addresses and events, in the order of time.
    """

    door: str
    host: str
    port: int
    connections: list[Connection] = field(default_factory=list)

    @property
    def messages(self) -> list[Captured]:
        """What was on the client's leg of every connection, as it was on the link, in the order of time."""
        return sorted((m for each in self.connections for m in each.chunks()), key=lambda m: m.time)

    def sent(self, sender: str) -> bytes:
        """Everything one side sent on the client's leg, joined."""
        return b"".join(message.data for message in self.messages if message.sender == sender)


@contextmanager
def record(wire: Doors, door: str, *, patience: float = 5.0) -> Iterator[Recording]:
    """Record what passes a door while the block runs; the recording is filled when it ends.

    Connections opened in the block should be closed in it; ``patience`` is how many seconds to wait for the proxy
    to write their last bytes. A door has one recording at a time: a second one, of whatever process, waits for the
    first, so that nobody finds somebody else's session on the tape.

    Raises:
        KeyError: there is no such door.
    """
    if door not in wire.doors:
        raise KeyError(f"there is no door {door!r}; the doors are {', '.join(wire.doors)}")
    folder = Path(wire.captures)
    recording = Recording(door, wire.host, wire.doors[door])
    with _alone(folder / f"{door}.lock"):
        before = set(folder.glob(f"{door}-[0-9]*.jsonl"))
        yield recording
        deadline = time.monotonic() + patience
        while True:
            fresh = sorted(set(folder.glob(f"{door}-[0-9]*.jsonl")) - before)
            connections = [read(file) for file in fresh]
            if (connections and all(each.ended for each in connections)) or time.monotonic() > deadline:
                recording.connections = connections
                return
            time.sleep(0.05)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold a lock that ends with this process at the latest; go on without it when its holder seems stuck."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600)) as handle:
        deadline = time.monotonic() + _LONGEST_RECORDING
        while time.monotonic() < deadline:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
        yield


def read(file: Path) -> Connection:
    """One recording, as far as it is written."""
    connection = Connection()
    for line in file.read_text().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the proxy is in the middle of writing this line
        _add(connection, entry)
    return connection


def _add(connection: Connection, entry: dict[str, Any]) -> None:
    leg: Leg = entry.get("leg", "client")
    match entry:
        case {"hex": digits, "from": sender, "t": moment}:
            link = max(0, len(connection.servers) - 1) if leg == "server" else 0
            chunk = Captured(moment, sender, bytes.fromhex(digits), leg, entry.get("layer", "raw"), link)
            connection.messages.append(chunk)
        case {"door": door, "client": client, "t": moment}:
            connection.door, connection.client, connection.began = door, (client[0], client[1]), moment
            connection.passive = entry.get("passive", True)
            if address := entry.get("address"):
                connection.address = (address[0], address[1])
        case {"open": [local, peer]}:
            connection.servers.append(((local[0], local[1]), (peer[0], peer[1])))
        case {"tls": dict(facts)}:
            connection.tls[leg] = facts
        case {"keys": str(secret)}:
            connection.keys.setdefault(leg, []).append(secret)
        case {"failed": str(why)}:
            connection.failed[leg] = why
        case {"full": True}:
            connection.full = True
        case {"end": True}:
            connection.ended = True
