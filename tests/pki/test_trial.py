"""A handshake in memory: what a client and a server think of each other's certificates."""

from __future__ import annotations

import pytest

from airlock.pki import Authority, Identity, Validity
from airlock.pki.trial import End, handshake

ROOT = Authority.root("root")
OFFICE = ROOT.intermediate("office")
NAMES = ["warehouse.internal", "127.0.0.1"]


def end(identity: Identity) -> End:
    return End(identity.certificate_pem, identity.key_pem)


def trusted(authority: Authority = ROOT) -> bytes:
    return authority.identity.certificate_pem


@pytest.mark.parametrize("name", NAMES)
def test_both_ends_accept_what_is_right(name: str) -> None:
    server, client = OFFICE.server("s", NAMES), OFFICE.client("loader")
    assert handshake(end(server), trusted(), name).works
    assert handshake(end(server), trusted(), name, end(client)).works


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (OFFICE.server("warehouse.internal", []), "ostname mismatch"),
        (OFFICE.server("s", ["other.internal"]), "ostname mismatch"),
        (OFFICE.server("s", NAMES, Validity.expired()), "has expired"),
        (OFFICE.server("s", NAMES, Validity.not_yet()), "not yet valid"),
        (OFFICE.client("warehouse.internal"), "purpose"),
        (Authority.self_signed("s", NAMES), "self-signed"),
        (Authority.root("root of others").server("s", NAMES), "unable to get local issuer"),
    ],
)
def test_the_client_refuses_one_wrong_thing(server: Identity, words: str) -> None:
    came = handshake(end(server), trusted(), NAMES[0])
    assert came.refused_by == "client"
    assert words in came.said


def test_the_intermediate_has_to_be_sent() -> None:
    leaf = OFFICE.server("s", NAMES)
    alone = End(Identity(leaf.key, leaf.certificate).certificate_pem, leaf.key_pem)
    assert "unable to get local issuer" in handshake(alone, trusted(), NAMES[0]).said


def test_the_server_refuses_a_stranger() -> None:
    server, stranger = OFFICE.server("s", NAMES), Authority.root("others").client("loader")
    came = handshake(end(server), trusted(), NAMES[0], end(stranger))
    assert came.refused_by == "server"
    assert handshake(end(server), trusted(), NAMES[0], end(server)).said == "unsuitable certificate purpose"


@pytest.mark.parametrize("broken", [End(b"no", b"pem"), End(OFFICE.server("s", NAMES).certificate_pem, b"no key")])
def test_what_cannot_be_loaded_is_nobodys_refusal(broken: End) -> None:
    came = handshake(broken, trusted(), NAMES[0])
    assert came.refused_by == "nobody"
    assert came.said
