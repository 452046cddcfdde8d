"""The attackers in front of a warehouse, with certificates of the lab's authority and of the owner's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from airlock.lab import Lab, Seed, View
from airlock.lab.provision import close_view, open_view
from airlock.lab.warehouse import Refused, Warehouse
from airlock.pki import Authority, Identity
from tests.lab.test_warehouse import Trust

pytestmark = pytest.mark.lab
FORGED = ("self-signed", "wrong-host", "expired", "not-yet-valid", "mis-issued")


@pytest.fixture(scope="module")
def view(lab: Lab) -> Iterator[View]:
    mine = View(lab, Seed.random())
    open_view(mine)
    yield mine
    close_view(mine)


@pytest.fixture
def own(view: View) -> Warehouse:
    found = Warehouse(view)
    found.reset()
    return found


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(Authority.root("an owner"), tmp_path)


def test_in_clear_everybody_reads_and_who_asks_gets_the_password(own: Warehouse) -> None:
    begin = time.time()
    tried = own.attack(sslmode="prefer")
    assert {door for door, each in tried.items() if each.outcome == "read"} == set(tried) - {"stolen-key"}
    assert tried["stolen-key"].outcome == "refused"  # nothing to steal: this server has no key
    assert tried["cleartext"].loot.password == own.login.password
    assert own.loot(begin)["cleartext"].password == own.login.password
    assert own.loot(time.time() + 5)["cleartext"].bytes_read == 0


@pytest.mark.parametrize("kind", ["ecdsa", "rsa", "ed25519", "intermediate"])
def test_the_owner_s_own_authority_makes_the_impostors(own: Warehouse, tmp_path: Path, kind: str) -> None:
    trust = Trust(authority(kind), tmp_path)
    trust.install(own, "host all all 127.0.0.1/32 scram-sha-256")
    signing = trust.root.intermediate("between") if kind == "intermediate" else trust.root
    own.impostors(signing.identity.certificate_pem, signing.identity.key_pem)
    # An Ed25519 signature names no hash that a password could be bound to.
    binding = {"channel_binding": "disable"} if kind == "ed25519" else {}
    tried = own.attack(doors=[*FORGED, "stolen-key"], **trust.verified, **binding)
    assert {door: each.outcome for door, each in tried.items()} == {
        **dict.fromkeys(FORGED, "refused"),
        "mis-issued": "read",
        "stolen-key": "read",
    }
    assert tried["wrong-host"].reason.name == "host name does not match"
    less = own.attack(doors=["wrong-host", "expired"], **trust.verified | {"sslmode": "verify-ca"})
    assert {door: each.outcome for door, each in less.items()} == {"wrong-host": "read", "expired": "refused"}
    own.impostors()  # of an authority that this client does not know
    assert own.attack(doors=["mis-issued"], **trust.verified)["mis-issued"].outcome == "refused"


def test_with_mutual_tls_no_door_reads_a_thing(own: Warehouse, trust: Trust) -> None:
    trust.install(own, "hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full")
    own.impostors(trust.root.identity.certificate_pem, trust.root.identity.key_pem)
    tried = own.attack(**trust.client(own.login.user))
    assert {door: each.outcome for door, each in tried.items()} == {
        door: "safe" if door == "eavesdropper" else "refused" for door in tried
    }
    assert not any(each.loot.is_session for each in tried.values())
    for door in ("mis-issued", "stolen-key"):  # he reads the login's name, and has no certificate to show for it
        assert tried[door].reason.name == "server requires a client certificate"
        assert tried[door].loot.user == own.login.user


def test_the_wire_goes_on_watching_whatever_is_registered(lab: Lab, own: Warehouse) -> None:
    broken = Path(lab.state) / "wire" / "warehouses" / "broken.json"
    try:
        broken.write_text('{"server": 1, "doors": {"relay": 70000}}')  # no such port: mitmproxy takes none of its list
        time.sleep(0.5)
    finally:
        broken.unlink()
    own.reset()
    own.start()
    assert own.attack(doors=["eavesdropper"], sslmode="disable")["eavesdropper"].outcome == "read"


def test_what_is_no_door_and_what_does_not_run_is_told(own: Warehouse, trust: Trust) -> None:
    with pytest.raises(ValueError, match="no door 'attic'"):
        own.attack(doors=["attic"])
    with pytest.raises(ValueError, match="not the one of that certificate"):
        own.impostors(trust.root.identity.certificate_pem, Authority.root("another").identity.key_pem)
    own.stop()
    with pytest.raises(Refused, match="does not run"):
        own.attack()


def authority(kind: str) -> Authority:
    made = Authority.root("an owner")
    key: CertificateIssuerPrivateKeyTypes
    match kind:
        case "rsa":
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "ed25519":
            key = ed25519.Ed25519PrivateKey.generate()
        case _:
            return made
    # The same certificate for another key, with an identifier that is not the usual hash of it.
    old, name = made.identity.certificate, x509.SubjectKeyIdentifier(b"an owner's own idea")
    builder = x509.CertificateBuilder(old.issuer, old.subject, key.public_key(), old.serial_number)
    builder = builder.not_valid_before(old.not_valid_before_utc).not_valid_after(old.not_valid_after_utc)
    for extension in old.extensions:
        if extension.oid not in (x509.SubjectKeyIdentifier.oid, x509.AuthorityKeyIdentifier.oid):
            builder = builder.add_extension(extension.value, extension.critical)
    algorithm = None if kind == "ed25519" else old.signature_hash_algorithm
    return Authority(Identity(key, builder.add_extension(name, critical=False).sign(key, algorithm)))
