"""TLS in the clear: hellos, certificates and alerts of real handshakes; what is encrypted stays closed."""

from __future__ import annotations

import ssl

import pytest

from airlock.pki import Authority, Identity, Validity
from airlock.wire import Message, Status, decode
from airlock.wire.captures import Captured
from tests.wire.talks import context, named, sides, tls

ROOT = Authority.root("Test Root")
SERVER = ROOT.intermediate("Test Issuing").server("db", ["localhost", "127.0.0.1"])


def pair(version: ssl.TLSVersion) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    client, server = context(trust=ROOT.identity.certificate_pem), context(SERVER)
    client.maximum_version = version
    return client, server


def test_tls_1_2_shows_everything_up_to_the_keys() -> None:
    chunks, _ = tls(*pair(ssl.TLSVersion.TLSv1_2))
    messages = list(decode(chunks))
    assert {message.status for message in messages} == {Status.COMPLETE}
    assert [message.kind for message in messages][:9] == [
        *("ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"),
        *("ClientKeyExchange", "ChangeCipherSpec", "EncryptedRecord", "NewSessionTicket"),
    ]
    hello, certificate = named(messages, "ClientHello"), named(messages, "Certificate")
    assert hello.get("host_name") == "localhost"
    assert "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" in hello.all("cipher_suite")
    assert "x25519" in hello.all("group")
    assert "ecdsa_secp256r1_sha256" in hello.all("signature_algorithm")
    assert certificate.all("subject") == ["CN=db", "CN=Test Issuing"]
    assert certificate.all("issuer") == ["CN=Test Issuing", "CN=Test Root"]
    assert certificate.get("subject_alternative_name") == "localhost, 127.0.0.1"
    not_after = next(field for field in certificate.fields if field.name == "not_after")
    assert certificate.raw[not_after.offset :][: not_after.length].endswith(b"Z")
    assert named(messages, "ServerKeyExchange").get("group") == "x25519"
    assert named(messages, "EncryptedRecord").get("explicit_nonce") is not None


def test_tls_1_3_shows_hellos_and_hides_the_certificate() -> None:
    chunks, _ = tls(*pair(ssl.TLSVersion.TLSv1_3), say=(b"secret", b"answer"))
    messages = list(decode(chunks))
    assert {message.status for message in messages} == {Status.COMPLETE}
    kinds = {message.kind for message in messages}
    assert kinds == {"ClientHello", "ServerHello", "ChangeCipherSpec", "EncryptedRecord"}
    assert "TLS 1.3" in named(messages, "ClientHello").all("version")
    hello = named(messages, "ServerHello")
    assert (hello.get("selected_version"), hello.get("group")) == ("TLS 1.3", "x25519")
    key = hello.get("key_exchange")
    assert isinstance(key, bytes)
    assert len(key) == 32


def test_a_group_the_server_does_not_take_costs_a_second_hello() -> None:
    client, server = pair(ssl.TLSVersion.TLSv1_3)
    server.set_ecdh_curve("secp521r1")
    chunks, _ = tls(client, server)
    messages = list(decode(chunks))
    assert named(messages, "HelloRetryRequest").get("selected_group") == "secp521r1"
    assert [message.kind for message in messages].count("ClientHello") == 2
    assert {message.status for message in messages} == {Status.COMPLETE}


def test_a_resumed_session_shows_its_ticket() -> None:
    client, server = pair(ssl.TLSVersion.TLSv1_3)
    _, end = tls(client, server)
    chunks, _ = tls(client, server, session=end.session)
    hello = named(list(decode(chunks)), "ClientHello")
    assert hello.get("identity")
    assert hello.get("mode") == "psk_dhe_ke"
    assert named(list(decode(chunks)), "ServerHello").get("selected_identity") == 0


def test_alpn_is_readable() -> None:
    client, server = pair(ssl.TLSVersion.TLSv1_2)
    client.set_alpn_protocols(["postgresql", "http/1.1"])
    server.set_alpn_protocols(["postgresql"])
    messages = list(decode(tls(client, server)[0]))
    assert named(messages, "ClientHello").all("protocol") == ["postgresql", "http/1.1"]
    assert named(messages, "ServerHello").all("protocol") == ["postgresql"]


@pytest.mark.parametrize(
    ("identity", "alert"),
    [
        (Authority.root("Stranger").server("db", ["localhost"]), "unknown_ca"),
        (Authority.self_signed("db", ["localhost"]), "unknown_ca"),
        (ROOT.server("db", ["localhost"], Validity.expired()), "certificate_expired"),
        (ROOT.server("db", ["elsewhere"]), "bad_certificate"),
    ],
    ids=["stranger", "self-signed", "expired", "wrong host"],
)
def test_a_refused_certificate_is_refused_by_name(identity: Identity, alert: str) -> None:
    client = context(trust=ROOT.identity.certificate_pem)
    message = named(list(decode(tls(client, context(identity))[0])), "Alert")
    assert (message.sender, message.get("level"), message.get("description")) == ("client", "fatal", alert)


def record(kind: int, content: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(content).to_bytes(2) + content


def rewrapped(data: bytes, size: int) -> bytes:
    """The handshake records of ``data`` as records of at most ``size`` bytes."""
    content = b""
    while data:
        length = int.from_bytes(data[3:5])
        content += data[5 : 5 + length]
        data = data[5 + length :]
    return b"".join(record(22, content[at : at + size]) for at in range(0, len(content), size))


def content(message: Message) -> list[tuple[str, object]]:
    """What a message says, without the headers of the records it came in."""
    header = {"record", "content_type", "legacy_record_version", "record_length"}
    return [(field.name, field.value) for field in message.fields if field.name not in header]


@pytest.mark.parametrize("size", [1, 3, 100, 16384])
def test_handshake_messages_are_the_same_however_they_are_spread_over_records(size: int) -> None:
    chunks, _ = tls(*pair(ssl.TLSVersion.TLSv1_2))
    whole = list(decode(chunks[:2]))
    data = rewrapped(chunks[1].data, size)
    spread = list(decode([chunks[0], Captured(0, "server", data)]))
    assert sides(spread)["server"] == data
    assert [content(message) for message in whole] == [content(message) for message in spread]
    assert [message.kind for message in spread][1:] == [
        "ServerHello",
        "Certificate",
        "ServerKeyExchange",
        "ServerHelloDone",
    ]


def test_a_field_that_spans_records_covers_the_header_between() -> None:
    chunks, _ = tls(*pair(ssl.TLSVersion.TLSv1_2))
    hello = next(iter(decode([Captured(0, "client", rewrapped(chunks[0].data, 20))])))
    random = next(field for field in hello.fields if field.name == "random")
    # Six bytes into the message; records hold 20, so headers stand before its bytes 20 and 40.
    assert (random.offset, random.length) == (5 + 6, 32 + 5)
    assert random.value == chunks[0].data[11:43]


def test_a_handshake_message_over_the_limit_is_passed_over() -> None:
    big = bytes([11]) + (200_000).to_bytes(3) + bytes(200_000)
    stream = b"".join(record(22, big[at : at + 9000]) for at in range(0, len(big), 9000))
    done = record(22, b"\x0e\0\0\0")
    messages = list(decode([Captured(0, "server", stream + done)], protocol="tls", limit=32 * 1024))
    assert [message.kind for message in messages if message.kind != "HandshakeContinuation"] == [
        "Certificate",
        "ServerHelloDone",
    ]
    assert messages[0].status is Status.TRUNCATED
    assert sides(messages)["server"] == stream + done


def test_numbers_nobody_knows_are_shown_as_numbers() -> None:
    hello = bytes.fromhex("0303") + bytes(32) + b"\0" + b"\0\x04\x0a\x0a\xff\x01" + b"\x01\0" + b"\0\x04\x2a\x2a\0\0"
    message = next(iter(decode([Captured(0, "client", record(22, b"\x01" + len(hello).to_bytes(3) + hello))])))
    assert message.status is Status.COMPLETE
    assert message.all("cipher_suite") == ["GREASE 0x0a0a", "unknown 0xff01"]
    assert message.get("extension_type") == "GREASE 0x2a2a"


def test_damage_in_one_extension_leaves_the_others_readable() -> None:
    broken, good = b"\0\0\0\x04\0\x09\0\0", b"\0\x10\0\x05\0\x03\x02h2"
    lists = (len(broken) + len(good)).to_bytes(2) + broken + good
    hello = bytes.fromhex("0303") + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + lists
    message = next(iter(decode([Captured(0, "client", record(22, b"\x01" + len(hello).to_bytes(3) + hello))])))
    assert message.status is Status.UNDECODABLE
    assert message.get("protocol") == "h2"
