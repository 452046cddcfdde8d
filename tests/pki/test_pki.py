"""Certificates are judged as a TLS peer judges them: by a real handshake and by path validation."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from airlock.pki import Authority, Identity, Validity, write_secret


def handshake(server: Identity, anchor: Identity, folder: Path, host: str = "localhost") -> str:
    """Connect to a real TLS server showing ``server``, trusting ``anchor``; the TLS version agreed on."""
    certificate, key = server.write(folder, "server")
    (folder / "anchor.crt").write_bytes(anchor.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        raw, _ = listener.accept()
        try:
            context.wrap_socket(raw, server_side=True).close()
        except (ssl.SSLError, OSError):
            raw.close()

    thread = threading.Thread(target=serve)
    thread.start()
    client = ssl.create_default_context(cafile=str(folder / "anchor.crt"))
    try:
        with (
            socket.create_connection(listener.getsockname()) as raw,
            client.wrap_socket(raw, server_hostname=host) as link,
        ):
            return link.version() or ""
    finally:
        thread.join(5)
        listener.close()


@pytest.fixture
def root() -> Authority:
    return Authority.root("test root")


def test_a_good_leaf_is_accepted_for_every_name_it_holds(root: Authority, tmp_path: Path) -> None:
    leaf = root.server("db", ["localhost", "127.0.0.1"])
    assert handshake(leaf, root.identity, tmp_path) == "TLSv1.3"
    assert handshake(leaf, root.identity, tmp_path, "127.0.0.1") == "TLSv1.3"


def test_a_chain_over_an_intermediate_is_accepted(root: Authority, tmp_path: Path) -> None:
    leaf = root.intermediate("middle").server("db", ["localhost"])
    assert handshake(leaf, root.identity, tmp_path) == "TLSv1.3"


def test_a_chain_without_its_intermediate_is_refused(root: Authority, tmp_path: Path) -> None:
    whole = root.intermediate("middle").server("db", ["localhost"])
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer certificate"):
        handshake(Identity(whole.key, whole.certificate), root.identity, tmp_path)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "certificate has expired"),
        ("not yet", "certificate is not yet valid"),
        ("wrong host", "Hostname mismatch"),
        ("self-signed", "self-signed certificate"),
        ("another root", "unable to get local issuer certificate"),
        ("client leaf", "unsuitable certificate purpose"),
    ],
)
def test_a_bad_leaf_is_refused_for_the_one_thing_that_is_wrong(
    fault: str, words: str, root: Authority, tmp_path: Path
) -> None:
    leaf = {
        "expired": lambda: root.server("db", ["localhost"], Validity.expired()),
        "not yet": lambda: root.server("db", ["localhost"], Validity.not_yet()),
        "wrong host": lambda: root.server("db", ["db.example"]),
        "self-signed": lambda: Authority.self_signed("db", ["localhost"]),
        "another root": lambda: Authority.root("stranger").server("db", ["localhost"]),
        "client leaf": lambda: root.client("db"),
    }[fault]()
    with pytest.raises(ssl.SSLCertVerificationError, match=words):
        handshake(leaf, root.identity, tmp_path)


def test_a_weak_key_is_refused_by_openssl_s_defaults(root: Authority, tmp_path: Path) -> None:
    leaf = root.server("db", ["localhost"], rsa_bits=1024)
    assert isinstance(leaf.key, rsa.RSAPrivateKey)
    assert leaf.key.key_size == 1024
    with pytest.raises(ssl.SSLError, match="key too small"):
        handshake(leaf, root.identity, tmp_path)


def test_validity_is_relative_to_now() -> None:
    certificate = Authority.root("r", Validity.days(2)).identity.certificate
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert 1.9 < left.total_seconds() / 86400 < 2.1


def test_an_intermediate_may_not_make_authorities(root: Authority) -> None:
    below = root.intermediate("middle").identity.certificate
    constraints = below.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.path_length == 0


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    _, key = Authority.root("r").identity.write(tmp_path, "ca")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    loose = tmp_path / "loose"
    loose.write_text("old")
    loose.chmod(0o644)
    assert stat.S_IMODE(write_secret(loose, b"new").stat().st_mode) == 0o600
