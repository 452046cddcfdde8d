"""A server's private key against a recording: the ephemeral one gives its secrets, that of the certificate does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from airlock.lab import View
from airlock.lab.handshakes import own_handshake
from airlock.wire import decode
from airlock.wire.captures import Captured
from airlock.wire.stolen import keys_with
from tests.wire.test_schedule import CLIENT_HELLO, SECRETS, SERVER_HELLO

EPHEMERAL = "b1580eeadf6dd589b8ef4f2d5652578cc810e9980191ec8d058308cea216a21e"
"""The server's private key of RFC 8448, section 3: the one behind its share."""


def test_the_ephemeral_key_gives_the_secrets_of_the_rfc() -> None:
    hellos = [("client", CLIENT_HELLO), ("server", SERVER_HELLO)]
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(EPHEMERAL))
    lines = keys_with(key, [Captured(0.0, who, bytes.fromhex(data)) for who, data in hellos])
    found = {line.split()[0]: line.split()[2] for line in lines}
    assert found == {label: secret for label, secret in SECRETS.items() if "HANDSHAKE" in label}


@pytest.mark.parametrize("data", ["", CLIENT_HELLO, SERVER_HELLO, "504f5354"])
def test_without_a_whole_handshake_there_is_nothing(data: str) -> None:
    assert keys_with(X25519PrivateKey.generate(), [Captured(0.0, "client", bytes.fromhex(data))]) == []


@pytest.mark.lab
def test_the_servers_own_key_opens_nothing(view: View) -> None:
    recorded = own_handshake(view)
    file = Path(view.lab.state) / "postgres" / "server.key"
    stolen = load_pem_private_key(file.read_bytes(), None)
    assert isinstance(stolen, ec.EllipticCurvePrivateKey)
    keys = keys_with(stolen, recorded.chunks())
    assert keys, "the attempt was made: the shares are of the key's own curve"
    assert not any(message.inside for message in decode(recorded.chunks(), keys=keys))
    assert any(message.inside for message in decode(recorded.chunks(), keys=recorded.keys["client"]))
