"""From secrets to keys, and records opened with them: the examples of RFC 8448, section 3, and every cipher."""

from __future__ import annotations

import pytest

from airlock.wire import decode
from airlock.wire.captures import Captured
from airlock.wire.tls.protection import Protection
from airlock.wire.tls.schedule import cipher_of, traffic_keys, updated
from airlock.wire.tls.suites import SUITES

SUITE = "TLS_AES_128_GCM_SHA256"
SECRETS = {
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET": "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET": "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
    "CLIENT_TRAFFIC_SECRET_0": "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
    "SERVER_TRAFFIC_SECRET_0": "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
}
KEYS = {
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET": ("dbfaa693d1762c5b666af5d950258d01", "5bd3c71b836e0b76bb73265f"),
    "SERVER_HANDSHAKE_TRAFFIC_SECRET": ("3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30"),
    "CLIENT_TRAFFIC_SECRET_0": ("17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9"),
    "SERVER_TRAFFIC_SECRET_0": ("9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984"),
}
CLIENT_HELLO = (
    "16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000"
    "910000000b0009000006736572766572ff01000100000a00140012001d00170018001901000101010201030104002300000033002600"
    "24001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e04030503"
    "0603020308040805080604010501060102010402050206020202002d00020101001c00024001"
)
SERVER_HELLO = (
    "160303005a020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d"
    "0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304"
)
FINISHED = (
    "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd1caeacab6867d726"
    "c40546"
)
DATA = (
    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292"
    "a2977014bd1e3deae63aeebb21694915e4"
)


@pytest.mark.parametrize("label", SECRETS)
def test_keys_of_the_rfc(label: str) -> None:
    cipher = cipher_of(SUITE)
    assert cipher
    keys = traffic_keys(cipher, bytes.fromhex(SECRETS[label]))
    assert (keys.key.hex(), keys.iv.hex()) == KEYS[label]
    assert keys.key.hex() not in repr(keys)


def test_records_of_the_rfc() -> None:
    sent = [("client", CLIENT_HELLO), ("server", SERVER_HELLO), ("client", FINISHED), ("client", DATA)]
    random = CLIENT_HELLO[22 : 22 + 64]
    keylog = [f"{label} {random} {secret}" for label, secret in SECRETS.items()]
    messages = list(decode([Captured(0.0, who, bytes.fromhex(data)) for who, data in sent], keys=keylog))
    finished, data = messages[-2:]
    assert [each.kind for each in finished.inside] == ["Finished"]
    assert finished.inside[0].raw[4:].hex() == "a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61"
    assert data.opening
    assert data.opening.content == bytes(range(50))
    assert (data.opening.sequence, data.opening.nonce.hex()) == (0, KEYS["CLIENT_TRAFFIC_SECRET_0"][1])


@pytest.mark.parametrize("suite", [name for name in SUITES.values() if cipher_of(name)])
def test_every_cipher_opens_what_it_sealed_and_nothing_that_was_changed(suite: str) -> None:
    cipher = cipher_of(suite)
    assert cipher
    secret = bytes(range(32))
    keys, twice = traffic_keys(cipher, secret), updated(cipher, updated(cipher, secret))
    modern = "WITH" not in suite
    if not modern:
        return
    sealed = b"words" + b"\x17" + bytes(10)  # the type of the content, and padding
    header = b"\x17\x03\x03" + (len(sealed) + cipher.tag).to_bytes(2)
    record = header + cipher.aead(keys.key).encrypt(keys.iv, sealed, header)  # type: ignore[attr-defined]
    opening = Protection.of_secret(cipher, "L", secret).open(record)
    assert opening
    assert (opening.content, opening.content_type, opening.padding) == (b"words", "application_data", 10)
    for at in range(len(record)):
        changed = record[:at] + bytes([record[at] ^ 1]) + record[at + 1 :]
        assert Protection.of_secret(cipher, "L", secret).open(changed) is None
    assert Protection.of_secret(cipher, "L", twice).open(record) is None
    assert Protection.of_secret(cipher, "L", secret).open(record[:9]) is None
