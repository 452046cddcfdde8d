"""Recordings in the form that Wireshark and tshark open (pcapng, draft-ietf-opsawg-pcapng).

What was recorded are streams, not packets. The packets here are made up around them: real addresses, times and data,
sequence numbers and checksums that fit, a handshake and a goodbye, so that tools put the streams together again.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import BinaryIO, TypeAlias

from airlock.wire.captures import Captured, Connection

Address: TypeAlias = tuple[str, int]
"""IP address (4 or 6) and port."""

_SECTION, _INTERFACE, _PACKET, _SECRETS = 0x0A0D0D0A, 1, 6, 0x0A
_RAW = 101  # LINKTYPE_RAW: packets begin with their IP header, of version 4 or 6
_SEGMENT = 16 * 1024
_FIN, _SYN, _PUSH, _ACK = 1, 2, 8, 16
_TLS_KEY_LOG = 0x544C534B


@dataclass(frozen=True)
class Link:
    """One TCP connection as it passed: ``chunks`` in the order of time, of one leg and of layer ``raw``.

    ``name`` is shown as the capture's interface, such as ``client to door``.
    """

    name: str
    client: Address
    server: Address
    chunks: Sequence[Captured]


@dataclass
class _End:
    address: bytes
    port: int
    sequence: int


def links(connection: Connection) -> list[Link]:
    """Both legs of a recorded connection: the client's, and each time the door called the server."""
    legs = [Link(f"client to {connection.door}", connection.client, connection.address, connection.chunks())]
    for number, (door, server) in enumerate(connection.servers):
        chunks = connection.chunks("server")
        if not connection.passive:
            chunks = [chunk for chunk in chunks if chunk.link == number]
        legs.append(Link(f"{connection.door} to server", door, server, chunks))
    return legs


def write_pcapng(file: BinaryIO, links: Sequence[Link], *, key_log: str = "", comment: str = "") -> None:
    """Write the links' packets in the order of time, one interface for each name.

    ``key_log`` (NSS key log lines) goes along as a Decryption Secrets Block: tools open the TLS sessions it belongs to.

    Raises:
        ValueError: an address is no IP address, or the two of a link differ in version.
    """
    names = list(dict.fromkeys(link.name for link in links))
    file.write(_block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options((1, comment.encode()))))
    for name in names:
        options = _options((2, name.encode()), (9, b"\x06"))  # if_name; if_tsresol: microseconds
        file.write(_block(_INTERFACE, struct.pack("<HHI", _RAW, 0, 0) + options))
    if key_log:
        secrets = key_log.encode()
        file.write(_block(_SECRETS, struct.pack("<II", _TLS_KEY_LOG, len(secrets)) + _padded(secrets)))
    streams = [_packets(names.index(link.name), link) for link in links]
    for interface, time, packet in heapq.merge(*streams, key=lambda each: each[1]):
        head = struct.pack("<IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(packet), len(packet))
        file.write(_block(_PACKET, head + _padded(packet)))


def _packets(interface: int, link: Link) -> Iterator[tuple[int, int, bytes]]:
    """Interface, microseconds since the epoch, IP packet."""
    client, server = (
        _End(ip_address(address).packed, port, start)
        for (address, port), start in ((link.client, 1000), (link.server, 2000))
    )
    if len(client.address) != len(server.address):
        raise ValueError(f"{link.name}: {link.client[0]} cannot talk to {link.server[0]}")
    time = max(0, _microseconds(link.chunks[0].time) - 3) if link.chunks else 0
    opening: Iterable[tuple[_End, _End, int]] = (
        (client, server, _SYN),
        (server, client, _SYN | _ACK),
        (client, server, _ACK),
    )
    for sender, receiver, flags in opening:
        yield interface, time, _packet(sender, receiver, flags, b"")
        time += 1
    for chunk in link.chunks:
        time = max(time, _microseconds(chunk.time))
        sender, receiver = (client, server) if chunk.sender == "client" else (server, client)
        for begin in range(0, len(chunk.data), _SEGMENT):
            yield interface, time, _packet(sender, receiver, _PUSH | _ACK, chunk.data[begin : begin + _SEGMENT])
    for sender, receiver, flags in (
        (client, server, _FIN | _ACK),
        (server, client, _FIN | _ACK),
        (client, server, _ACK),
    ):
        yield interface, time, _packet(sender, receiver, flags, b"")


def _packet(sender: _End, receiver: _End, flags: int, data: bytes) -> bytes:
    """One IPv4 packet; the sender's sequence number moves on."""
    acknowledged = receiver.sequence if flags & _ACK else 0
    ports = struct.pack(">HHII", sender.port, receiver.port, sender.sequence, acknowledged)
    tcp = ports + struct.pack(">BBHHH", 5 << 4, flags, 65535, 0, 0)
    size = len(tcp) + len(data)
    ends = sender.address + receiver.address
    check = _checksum(ends + struct.pack(">II", size, 6) + tcp + data)
    tcp = tcp[:16] + struct.pack(">H", check) + tcp[18:]
    if len(sender.address) == 4:
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 0, 0x4000, 64, 6, 0) + ends
        ip = ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:]
    else:
        ip = struct.pack(">IHBB", 6 << 28, size, 6, 64) + ends
    sender.sequence = (sender.sequence + len(data) + bool(flags & (_SYN | _FIN))) & 0xFFFFFFFF
    return ip + tcp + data


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    # 2**16 is 1 modulo 2**16 - 1, so the sum of all words with carries added back is a remainder.
    total = int.from_bytes(data) % 0xFFFF
    return 0xFFFF - total if total else 0


def _microseconds(time: float) -> int:
    return round(time * 1_000_000)


def _block(kind: int, body: bytes) -> bytes:
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _options(*options: tuple[int, bytes]) -> bytes:
    """Those that are not empty, and the end."""
    return b"".join(struct.pack("<HH", code, len(data)) + _padded(data) for code, data in options if data) + bytes(4)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
