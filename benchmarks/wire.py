"""The wire's decoder against a relay that only passes the same bytes on, measured in one run on one machine.

    uv run --locked python benchmarks/wire.py

The stream is a large PostgreSQL result in chunks of 64 KiB. *Decoded* cuts it into messages; *explained* also reads
every field of every message, which a viewer does for what is on the screen only. The relay is plain asyncio on
loopback, between two threads that only send and receive; every ratio is the median of runs side by side.
Memory is the greatest resident set while 100 MB pass, less that before (Linux and macOS).

*Opened* is the same stream inside TLS, real OpenSSL at both ends: its records closed, opened with the session's key
log and cut into the messages that were in them, and tried with the keys of another session.
"""

from __future__ import annotations

import asyncio
import queue
import resource
import socket
import ssl
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from airlock.pki import Authority
from airlock.wire import decode
from airlock.wire.captures import Captured

CHUNK = 64 * 1024
MB = 1_000_000


def rows(width: int, size: int) -> bytes:
    """About ``size`` bytes of a result whose rows have four columns and about ``width`` bytes."""
    value = b"v" * ((width - 7) // 4 - 4)
    body = struct.pack(">H", 4) + (struct.pack(">I", len(value)) + value) * 4
    row = b"D" + struct.pack(">I", 4 + len(body)) + body
    return row * (size // len(row))


def chunks(stream: bytes) -> Iterator[Captured]:
    """A session that gets ``stream``."""
    yield Captured(0.0, "client", struct.pack(">IHH", 15, 3, 0) + b"user\0a\0")
    for at in range(0, len(stream), CHUNK):
        yield Captured(0.0, "server", stream[at : at + CHUNK])


def decoded(stream: bytes) -> int:
    """Messages in it."""
    return sum(1 for _ in decode(chunks(stream)))


def explained(stream: bytes) -> int:
    """Fields in it."""
    return sum(len(message.fields) for message in decode(chunks(stream)))


def relayed(stream: bytes) -> int:
    """Bytes that arrive through a relay."""
    source, sink = socket.create_server(("127.0.0.1", 0)), queue.SimpleQueue[int]()

    def send() -> None:
        with source, source.accept()[0] as link:
            for chunk in chunks(stream):
                link.sendall(chunk.data)

    def receive(port: int) -> None:
        count = 0
        with socket.create_connection(("127.0.0.1", port)) as link:
            while data := link.recv(CHUNK):
                count += len(data)
        sink.put(count)

    async def relay() -> None:
        done = asyncio.Event()

        async def forward(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reader, upstream = await asyncio.open_connection(*source.getsockname())
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
            upstream.close()
            writer.close()
            await writer.wait_closed()
            done.set()

        async with await asyncio.start_server(forward, "127.0.0.1") as door:
            threading.Thread(target=receive, args=(door.sockets[0].getsockname()[1],)).start()
            await done.wait()

    threading.Thread(target=send).start()
    asyncio.run(relay())
    return sink.get()


def sealed(stream: bytes, version: ssl.TLSVersion) -> tuple[list[Captured], list[str]]:
    """The session inside TLS, and its key log."""
    authority = Authority.root("Benchmark")
    identity = authority.server("db", ["localhost"])
    theirs, mine = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    mine.load_verify_locations(cadata=authority.identity.certificate_pem.decode())
    mine.maximum_version = version
    with tempfile.TemporaryDirectory() as folder:
        chain, keys = Path(folder) / "server.pem", Path(folder) / "keys.log"
        chain.write_bytes(identity.certificate_pem + identity.key_pem)
        theirs.load_cert_chain(chain)
        mine.keylog_filename = str(keys)
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = mine.wrap_bio(down, up, server_hostname="localhost")
        server = theirs.wrap_bio(up, down, server_side=True)
        passed: list[Captured] = []

        def move(sender: str, link: ssl.MemoryBIO) -> None:
            data = link.read()
            link.write(data)
            passed.extend(Captured(0.0, sender, data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))

        for _ in range(3):
            for end, sender, link in ((client, "client", up), (server, "server", down)):
                with suppress(ssl.SSLWantReadError):
                    end.do_handshake()
                move(sender, link)
        for chunk in chunks(stream):
            end, link = (client, up) if chunk.sender == "client" else (server, down)
            end.write(chunk.data)
            data = link.read()
            passed.append(Captured(0.0, chunk.sender, data))
        asked = [Captured(0.0, "client", struct.pack(">IHH", 8, 1234, 5679)), Captured(0.0, "server", b"S")]
        return [*asked, *passed], keys.read_text().splitlines()


def opened(passed: list[Captured], keys: list[str]) -> float:
    """Megabytes a second, with these keys."""
    begin = time.perf_counter()
    sum(len(message.inside) for message in decode(passed, keys=keys))
    return sum(len(chunk.data) for chunk in passed) / MB / (time.perf_counter() - begin)


def main_opened() -> None:
    """Print the table of sessions inside TLS."""
    print(f"\n{'in TLS':>10} {'row width':>10} {'closed':>10} {'opened':>10} {'wrong keys':>10}   (MB/s)")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for width in (100, 1000, 10_000):
            passed, keys = sealed(rows(width, 20 * MB), version)
            wrong = [line[:-1] + ("1" if line.endswith("0") else "0") for line in keys]
            speeds = [statistics.median(opened(passed, each) for _ in range(5)) for each in ([], keys, wrong)]
            print(f"{version.name:>10} {width:>8} B " + " ".join(f"{each:>10.0f}" for each in speeds))


def speed(work: Callable[[bytes], int], stream: bytes) -> float:
    """Megabytes a second."""
    begin = time.perf_counter()
    work(stream)
    return len(stream) / MB / (time.perf_counter() - begin)


def peak() -> float:
    """The greatest resident set so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MB


def repeated(stream: bytes, times: int) -> Iterator[Captured]:
    """A session that gets ``stream`` again and again."""
    opening, *rest = chunks(stream)
    yield opening
    for _ in range(times):
        yield from rest


def main() -> None:
    """Print the table."""
    block = rows(1000, 10 * MB)
    sum(1 for _ in decode(repeated(block, 1)))
    before = peak()
    count = sum(1 for _ in decode(repeated(block, 10)))
    print(f"100 MB, {count:,} messages: memory grew by {peak() - before:.1f} MB\n")
    print(f"{'row width':>10} {'relayed':>10} {'decoded':>10} {'ratio':>6} {'explained':>10} {'ratio':>6}   (MB/s)")
    for width in (100, 1000, 10_000):
        stream, short = rows(width, 20 * MB), rows(width, 2 * MB)
        runs = [(speed(relayed, stream), speed(decoded, stream), speed(explained, short)) for _ in range(5)]
        relay, messages, fields = (statistics.median(run[part] for run in runs) for part in range(3))
        whole, deep = (statistics.median(run[part] / run[0] for run in runs) for part in (1, 2))
        print(f"{width:>8} B {relay:>10.0f} {messages:>10.0f} {whole:>6.2f} {fields:>10.1f} {deep:>6.3f}")
    main_opened()


if __name__ == "__main__":
    main()
