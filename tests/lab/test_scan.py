"""The scanner: a weak server, hardened, and scanned again."""

from __future__ import annotations

import pytest

from airlock.lab import LabDown, View
from airlock.lab.scan import scan, weakness
from tests.lab.test_renewal import served


@pytest.mark.parametrize(
    ("version", "suite", "why"),
    [
        ("TLS 1.0", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "deprecated (RFC 8996)"),
        ("SSL 3.0", "TLS_RSA_WITH_AES_128_CBC_SHA", "deprecated (RFC 7568)"),
        ("TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "forward secrecy"),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "broken"),
        ("TLS 1.2", "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "nobody proves"),
        ("TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "CBC"),
        ("TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", None),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", None),
        ("TLS 1.3", "TLS_AES_128_GCM_SHA256", None),
    ],
)
def test_what_is_weak(version: str, suite: str, why: str | None) -> None:
    found = weakness(version, suite)
    assert found is None if why is None else found is not None and why in found


@pytest.mark.lab
def test_scan_harden_and_scan_again(view: View) -> None:
    _, warehouse = served(view)
    warehouse.configure(ssl_min_protocol_version="TLSv1", ssl_ciphers="ALL:@SECLEVEL=0")
    warehouse.reload()
    weak = scan("localhost", warehouse.port, "postgres")
    assert {"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"} == set(weak.versions)
    assert any("deprecated" in why for why in weak.weak.values())
    warehouse.configure(ssl_min_protocol_version="TLSv1.2", ssl_ciphers="ECDHE+AESGCM:ECDHE+CHACHA20")
    warehouse.reload()
    hardened = scan("localhost", warehouse.port, "postgres")
    assert hardened.versions == ("TLS 1.2", "TLS 1.3")
    assert hardened.weak == {}
    warehouse.configure(ssl="off")
    warehouse.reload()
    with pytest.raises(ValueError, match="does not speak TLS"):
        scan("localhost", warehouse.port, "postgres")
    warehouse.stop()
    with pytest.raises(LabDown, match="Nothing answers"):
        scan("localhost", warehouse.port, "postgres")
