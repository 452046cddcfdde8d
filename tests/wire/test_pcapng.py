"""Recordings as files for standard tools: tshark puts the streams together again, and opens them with the keys."""

from __future__ import annotations

import io
import json
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from airlock.lab import View
from airlock.lab.postgres import connect
from airlock.pki import Authority
from airlock.wire import Link, links, write_pcapng
from airlock.wire.captures import Captured, record
from tests.wire.talks import context, tls
from tests.wire.test_captures import through

CLIENT, DOOR, SERVER = ("127.0.0.1", 40001), ("127.0.0.1", 40002), ("127.0.0.1", 5432)
needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed here")


def tshark(file: Path, *words: str) -> list[str]:
    """The lines tshark prints about a file."""
    checks = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    done = subprocess.run(["tshark", "-r", file, *checks, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def write(file: Path, *legs: Link, key_log: str = "") -> Path:
    with file.open("wb") as stream:
        write_pcapng(stream, legs, key_log=key_log)
    return file


def test_blocks_are_as_long_as_they_say() -> None:
    stream = io.BytesIO()
    chunks = [Captured(1.5, "client", b"abc"), Captured(1.6, "server", bytes(40_000))]
    write_pcapng(stream, [Link("a", CLIENT, DOOR, chunks)], key_log="CLIENT_RANDOM 00 11\n", comment="x")
    data, kinds = stream.getvalue(), []
    while data:
        size = int.from_bytes(data[4:8], "little")
        assert data[size - 4 : size] == data[4:8]
        kinds.append(int.from_bytes(data[:4], "little"))
        data = data[size:]
    assert kinds == [0x0A0D0D0A, 1, 0x0A] + [6] * (3 + 1 + 3 + 3)


def test_ends_of_different_families_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot talk to"):
        write_pcapng(io.BytesIO(), [Link("a", ("::1", 1), DOOR, [])])


@needs_tshark
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_tshark_puts_both_legs_together_again(tmp_path: Path, host: str) -> None:
    said = bytes(range(256)) * 300
    chunks = [Captured(1700000000.25, "client", b"question"), Captured(1700000000.5, "server", said)]
    near = Link("client to door", (host, 40001), (host, 40002), chunks)
    far = Link("door to server", (host, 40003), (host, 40004), chunks)
    file = write(tmp_path / "a.pcapng", near, far)
    packets = json.loads("\n".join(tshark(file, "-T", "json", "-e", "frame.interface_name", "-e", "tcp.stream")))
    seen = {
        (p["_source"]["layers"]["frame.interface_name"][0], p["_source"]["layers"]["tcp.stream"][0]) for p in packets
    }
    assert seen == {("client to door", "0"), ("door to server", "1")}
    assert tshark(file, "-Y", "tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0") == []
    raw = tshark(file, "-q", "-z", "follow,tcp,raw,1")
    assert "".join(line.strip() for line in raw if line.startswith("\t")) == said.hex()
    times = tshark(file, "-T", "fields", "-e", "frame.time_epoch", "-Y", "tcp.len == 8")
    assert times == ["1700000000.250000000"] * 2


@needs_tshark
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tshark_opens_a_session_with_the_key_log_in_the_file(tmp_path: Path, version: ssl.TLSVersion) -> None:
    root = Authority.root("Test Root")
    client, server = context(trust=root.identity.certificate_pem), context(root.server("db", ["localhost"]))
    client.maximum_version = version
    client.keylog_filename = str(tmp_path / "keys")
    chunks, _ = tls(client, server, say=(b"GET /canary HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 204 None\r\n\r\n"))
    link = Link("client to door", CLIENT, ("127.0.0.1", 443), chunks)
    closed = write(tmp_path / "closed.pcapng", link)
    keys = (tmp_path / "keys").read_text()
    file = write(tmp_path / "opened.pcapng", link, key_log=keys)
    wanted = ("-d", "tcp.port==443,tls", "-Y", "http.request", "-T", "fields", "-e", "http.request.uri")
    assert tshark(closed, *wanted) == []
    assert tshark(file, *wanted) == ["/canary"]


@needs_tshark
@pytest.mark.lab
def test_tshark_reads_a_real_recording_as_we_do(view: View, tmp_path: Path) -> None:
    with record(view.lab.wire, "eavesdropper") as recording:
        with connect(through(view, "eavesdropper").shop, sslmode="disable") as link:
            link.execute("select 'canary' as word")
    legs = links(recording.connections[0])
    assert [leg.name for leg in legs] == ["client to eavesdropper", "eavesdropper to server"]
    file = write(tmp_path / "real.pcapng", *legs)
    as_postgres = [word for leg in legs for word in ("-d", f"tcp.port=={leg.server[1]},pgsql")]
    queries = tshark(file, *as_postgres, "-Y", "pgsql.query", "-T", "fields", "-e", "pgsql.query")
    assert queries == ["select 'canary' as word"] * 2
    assert tshark(file, "-Y", "tcp.analysis.flags || _ws.malformed") == []
