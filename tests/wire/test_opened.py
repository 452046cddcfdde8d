"""Sessions of real OpenSSL, opened with the key logs that it wrote."""

from __future__ import annotations

import random
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airlock.pki import Authority
from airlock.wire import Conversation, Message, Status, decode
from airlock.wire.captures import Captured
from tests.wire.echo import Echo
from tests.wire.talks import SSL_REQUEST, context, named, sides, tls
from tests.wire.test_postgres import CLIENT, SERVER, STARTUP
from tests.wire.test_robustness import cut, facts

ROOT = Authority.root("Test Root")
SERVER_ID = ROOT.intermediate("Test Issuing").server("db", ["localhost", "127.0.0.1"])
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
GET, ANSWER = b"GET /a HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def pair(version: ssl.TLSVersion, keys: Path | None, ciphers: str = "") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    client, server = context(trust=ROOT.identity.certificate_pem), context(SERVER_ID)
    client.maximum_version = version
    if keys:
        client.keylog_filename = str(keys)
    if ciphers:
        for each in (client, server):
            each.set_ciphers(ciphers)
    return client, server


def lines(keys: Path) -> list[str]:
    return keys.read_text().splitlines()


def inside(messages: list[Message]) -> list[Message]:
    return [each for message in messages for each in message.inside]


def kinds(messages: list[Message], sender: str) -> list[str]:
    return [each.kind for each in inside(messages) if each.sender == sender]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys.log"


def test_tls_1_3_gives_back_the_handshake_the_words_and_the_goodbye(keys: Path) -> None:
    chunks, _ = tls(*pair(TLS_1_3, keys), say=(GET, ANSWER))
    messages = list(decode(chunks, keys=lines(keys)))
    assert kinds(messages, "server") == [
        *("EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"),
        *("NewSessionTicket", "NewSessionTicket", "Response", "Body", "Alert"),
    ]
    assert kinds(messages, "client") == ["Finished", "Request", "Alert"]
    assert {each.status for each in [*messages, *inside(messages)]} == {Status.COMPLETE}
    facts(inside(messages))
    assert named(inside(messages), "Certificate").all("subject") == ["CN=db", "CN=Test Issuing"]
    assert named(inside(messages), "Alert").get("description") == "close_notify"
    assert named(inside(messages), "Response").get("status") == 200
    assert sides(messages) == sides(list(decode(chunks)))


def test_how_a_record_was_opened_can_be_told(keys: Path) -> None:
    chunks, _ = tls(*pair(TLS_1_3, keys))
    records = [each for each in decode(chunks, keys=lines(keys)) if each.opening]
    first = next(each for each in records if each.sender == "server").opening
    said = [each for each in records if each.sender == "client"][1]
    assert first
    assert said.opening
    assert (first.secret, first.sequence, first.content_type) == ("SERVER_HANDSHAKE_TRAFFIC_SECRET", 0, "handshake")
    assert (first.cipher, len(first.key), first.nonce) == ("AES_256_GCM", 32, first.iv)
    assert (said.opening.secret, said.opening.content) == ("CLIENT_TRAFFIC_SECRET_0", b"ping")
    assert said.opening.additional == said.raw[:5]
    assert first.key.hex() not in repr(records[0])
    numbers = [each.opening.sequence for each in records if each.sender == "server" and each.opening]
    assert numbers == [0, 1, 2, 3, 0, 1, 2, 3]


SUITES_1_2 = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-CCM",
    "ECDHE-ECDSA-AES256-CCM",
]


@pytest.mark.parametrize("suite", SUITES_1_2)
def test_tls_1_2_is_opened_from_change_cipher_spec_on(keys: Path, suite: str) -> None:
    chunks, _ = tls(*pair(TLS_1_2, keys, suite), say=(GET, ANSWER))
    messages = list(decode(chunks, keys=lines(keys)))
    assert kinds(messages, "client") == ["Finished", "Request", "Alert"]
    assert kinds(messages, "server") == ["Finished", "Response", "Body", "Alert"]
    assert {each.status for each in [*messages, *inside(messages)]} == {Status.COMPLETE}
    opening = named(messages, "EncryptedRecord").opening
    assert opening
    assert (opening.secret, opening.content_type, opening.sequence) == ("CLIENT_RANDOM", "handshake", 0)
    assert len(opening.nonce) == 12


def test_a_suite_without_aead_stays_closed_and_says_why(keys: Path) -> None:
    chunks, _ = tls(*pair(TLS_1_2, keys, "ECDHE-ECDSA-AES256-SHA384"))
    record = named(list(decode(chunks, keys=lines(keys))), "EncryptedRecord")
    assert (record.inside, record.opening) == ((), None)
    assert "no AEAD" in record.remark


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_resumed_session_is_opened(keys: Path, version: ssl.TLSVersion) -> None:
    client, server = pair(version, keys)
    _, end = tls(client, server)
    chunks, end = tls(client, server, session=end.session, say=(GET, ANSWER))
    assert end.session_reused
    assert "Response" in kinds(list(decode(chunks, keys=lines(keys))), "server")


def test_a_retried_handshake_is_opened(keys: Path) -> None:
    client, server = pair(TLS_1_3, keys)
    server.set_ecdh_curve("secp521r1")
    messages = list(decode(tls(client, server, say=(GET, ANSWER))[0], keys=lines(keys)))
    assert named(messages, "HelloRetryRequest")
    assert "Request" in kinds(messages, "client")


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_client_certificate_is_shown(keys: Path, tmp_path: Path, version: ssl.TLSVersion) -> None:
    client, server = pair(version, keys)
    mine = ROOT.client("clerk")
    (tmp_path / "mine.pem").write_bytes(mine.certificate_pem + mine.key_pem)
    client.load_cert_chain(tmp_path / "mine.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=ROOT.identity.certificate_pem.decode())
    messages = list(decode(tls(client, server)[0], keys=lines(keys)))
    everything = [*messages, *inside(messages)]
    theirs = [each for each in everything if each.sender == "client"]
    assert named(theirs, "Certificate").get("subject") == "CN=clerk"
    assert named(theirs, "CertificateVerify").status is Status.COMPLETE
    assert "CertificateVerify" in kinds(messages, "client") or version is TLS_1_2


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_direct_tls_tells_by_alpn_what_is_inside(keys: Path, version: ssl.TLSVersion) -> None:
    client, server = pair(version, keys)
    for each in (client, server):
        each.set_alpn_protocols(["postgresql"])
    # By its first byte the server's answer would be taken for TLS.
    chunks, _ = tls(client, server, say=(STARTUP, b"".join(each[0] for each in SERVER)))
    messages = list(decode(chunks, keys=lines(keys)))
    assert kinds(messages, "client")[:2] == ["Finished", "StartupMessage"]
    assert "ReadyForQuery" in kinds(messages, "server")


def test_after_an_ssl_request_it_is_postgresql_whatever_it_looks_like(keys: Path) -> None:
    words = b"".join(each[0] for each in CLIENT)
    chunks, _ = tls(*pair(TLS_1_3, keys), say=(STARTUP + words, b"".join(each[0] for each in SERVER)))
    asked = [Captured(0.0, "client", SSL_REQUEST), Captured(0.0, "server", b"S")]
    messages = list(decode([*asked, *chunks], keys=lines(keys)))
    assert "Query" in kinds(messages, "client")
    assert {each.protocol for each in inside(messages)} == {"TLS", "PostgreSQL"}


def test_messages_over_several_records_belong_to_the_last(keys: Path) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + bytes(40000)
    messages = list(decode(tls(*pair(TLS_1_3, keys), say=(GET, body))[0], keys=lines(keys)))
    held = [[each.kind for each in m.inside] for m in messages if m.sender == "server" and m.size > 7000]
    assert held == [["Response"], [], ["Body"]]
    assert next(each for each in inside(messages) if each.kind == "Body").size == 40000


def flipped(chunks: list[Captured], number: int, bit: int) -> list[Captured]:
    data = bytearray(chunks[number].data)
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    changed = Captured(chunks[number].time, chunks[number].sender, bytes(data))
    return [*chunks[:number], changed, *chunks[number + 1 :]]


def session(folder: Path, version: ssl.TLSVersion) -> tuple[list[Captured], list[str]]:
    keys = folder / "keys.log"
    asked = [Captured(0.0, "client", SSL_REQUEST), Captured(0.0, "server", b"S")]
    chunks, _ = tls(*pair(version, keys), say=(STARTUP, b"".join(each[0] for each in SERVER)))
    return [*asked, *chunks], lines(keys)


@pytest.fixture(scope="module", params=[TLS_1_2, TLS_1_3], ids=["1.2", "1.3"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Captured], list[str]]:
    return session(tmp_path_factory.mktemp("keys"), request.param)


def test_any_chunks_open_the_same(real: tuple[list[Captured], list[str]]) -> None:
    chunks, keylog = real
    turns = [(each.sender, each.data) for each in chunks]

    def told(pieces: list[tuple[str, bytes]]) -> list[object]:
        messages = list(decode((Captured(1.0, *each) for each in pieces), keys=keylog))
        return [facts(messages), [(each.opening, facts(list(each.inside))) for each in messages]]

    whole = told(turns)
    for seed in range(10):
        assert told(cut(turns, random.Random(seed))) == whole


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_flipped_bit_never_raises_and_never_shows_what_was_not_sent(
    real: tuple[list[Captured], list[str]], data: st.DataObject
) -> None:
    chunks, keylog = real
    true = {(each.sender, each.raw) for each in inside(list(decode(chunks, keys=keylog)))}
    number = data.draw(st.integers(0, len(chunks) - 1))
    mutant = flipped(chunks, number, data.draw(st.integers(0, 8 * len(chunks[number].data) - 1)))
    messages = list(decode(mutant, keys=keylog))
    facts(inside(messages))
    # A message whose beginning was in the damaged record may be missing, and so may its sender's later ones.
    assert {(each.sender, each.raw) for each in inside(messages) if each.shape.known} <= true


def test_a_record_that_does_not_fit_says_so_and_the_handshake_goes_on(tmp_path: Path) -> None:
    chunks, keylog = session(tmp_path, TLS_1_3)
    damaged = next(i for i, each in enumerate(chunks) if b"\x17\x03\x03" in each.data)
    messages = list(decode(flipped(chunks, damaged, 8 * (len(chunks[damaged].data) - 1)), keys=keylog))
    closed = [each for each in messages if each.kind == "EncryptedRecord" and not each.opening]
    assert len(closed) == 1
    assert "the tag does not fit" in closed[0].remark
    assert "ReadyForQuery" in kinds(messages, "server")


def test_lines_of_another_session_open_nothing_and_say_so(real: tuple[list[Captured], list[str]]) -> None:
    chunks, keylog = real
    _, client_random, secret = keylog[-1].split()
    for wrong in (
        ["# nothing here", "", "x y z", keylog[-1][:-3]],
        [line.replace(client_random, "00" * 32) for line in keylog],
    ):
        records = [each for each in decode(chunks, keys=wrong) if each.kind == "EncryptedRecord"]
        assert not any(each.inside or each.opening for each in records)
        assert {each.remark for each in records} == {"closed: the key log has no secret for this session"}
    lies = [" ".join([*line.split()[:2], secret[::-1]]) for line in keylog if client_random in line]
    records = [each for each in decode(chunks, keys=lies) if each.kind == "EncryptedRecord"]
    assert not any(each.inside or each.opening for each in records)
    assert all("the tag does not fit" in each.remark for each in records)


@pytest.mark.parametrize("missing", ["HANDSHAKE", "CLIENT_TRAFFIC", "SERVER_TRAFFIC"])
def test_half_a_key_log_opens_half(tmp_path: Path, missing: str) -> None:
    chunks, keylog = session(tmp_path, TLS_1_3)
    messages = list(decode(chunks, keys=[line for line in keylog if missing not in line]))
    held = set(kinds(messages, "client") + kinds(messages, "server"))
    assert ("Certificate" in held) == (missing != "HANDSHAKE")
    assert ("StartupMessage" in held) == (missing != "CLIENT_TRAFFIC")
    assert ("ReadyForQuery" in held) == (missing != "SERVER_TRAFFIC")
    facts(messages)


def test_without_keys_nothing_is_said(real: tuple[list[Captured], list[str]]) -> None:
    records = [each for each in decode(real[0]) if each.kind == "EncryptedRecord"]
    assert not any(each.inside or each.opening or each.remark for each in records)


def test_memory_stays_bounded_while_a_long_session_is_opened(tmp_path: Path) -> None:
    keys = tmp_path / "keys.log"
    row = b"D" + (65_000).to_bytes(4) + bytes(64_996)
    chunks, _ = tls(*pair(TLS_1_3, keys), say=(STARTUP, row * 40))
    conversation, held = Conversation(keys=lines(keys), limit=20 * 1024), 0
    for chunk in [Captured(0.0, "client", SSL_REQUEST), Captured(0.0, "server", b"S"), *chunks]:
        for message in conversation.feed(chunk):
            held += sum(each.kind == "DataRow" for each in message.inside)
            assert all(len(each.raw) <= 20 * 1024 for each in message.inside)
    assert held == 40


SUITES_1_3 = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
]


@pytest.fixture
def s_client(tmp_path: Path, keys: Path) -> Callable[..., list[Message]]:
    """Types one thing after the other into ``openssl s_client``, for a server that echoes; what was opened of it."""
    binary = shutil.which("openssl")
    if binary is None:
        pytest.skip("no openssl command on this machine")
    identity, trust = tmp_path / "server.pem", tmp_path / "root.pem"
    identity.write_bytes(SERVER_ID.certificate_pem + SERVER_ID.key_pem)
    trust.write_bytes(ROOT.identity.certificate_pem)
    server = context(SERVER_ID)

    def run(said: list[bytes], *options: str) -> list[Message]:
        with Echo(server) as echo:
            command = [binary, "s_client", "-connect", f"127.0.0.1:{echo.port}", "-CAfile", str(trust)]
            command += ["-keylogfile", str(keys), *options]
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as client:
                assert client.stdin
                for words in said:
                    echo.wait()
                    client.stdin.write(words)
                    client.stdin.flush()
                    if words.lower() == b"k":  # s_client's command: KeyUpdate, which may go out with the next words
                        time.sleep(0.3)
                    else:
                        echo.wait(words)
                client.communicate(timeout=20)
        return list(decode(echo.chunks, keys=lines(keys)))

    return run


@pytest.mark.parametrize("suite", SUITES_1_3)
def test_every_suite_of_tls_1_3_that_servers_offer(s_client: Callable[..., list[Message]], suite: str) -> None:
    messages = s_client([b"hello\n"], "-tls1_3", "-ciphersuites", suite)
    assert named(messages, "ServerHello").get("cipher_suite") == suite
    assert b"hello\n" in [each.opening.content for each in messages if each.opening]


def test_key_updates_are_followed(s_client: Callable[..., list[Message]]) -> None:
    messages = s_client([b"one\n", b"k", b"two\n", b"K", b"three\n"], "-tls1_3")
    openings = [each.opening for each in messages if each.opening]
    mine = [each for each in openings if each.secret == "CLIENT_TRAFFIC_SECRET_0"]
    said = {each.content: each.updates for each in mine}
    assert (said[b"one\n"], said[b"two\n"], said[b"three\n"]) == (0, 1, 2)
    assert max(each.updates for each in openings if each.secret == "SERVER_TRAFFIC_SECRET_0") == 1
    assert kinds(messages, "client").count("KeyUpdate") == 2
