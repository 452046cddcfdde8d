"""Renew the server's certificate: python renew.py <authority's folder> <where to write> <name> [<name> …]

Writes server.crt and server.key. The authority's folder holds root.crt, office.crt and office.key.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def renew(authority: Path, target: Path, names: list[str]) -> None:
    office = x509.load_pem_x509_certificate((authority / "office.crt").read_bytes())
    office_key = load_pem_private_key((authority / "office.key").read_bytes(), None)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC) - timedelta(minutes=5)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
        .issuer_name(office.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(office_key, SHA256())
    )
    chain = leaf.public_bytes(Encoding.PEM) + office.public_bytes(Encoding.PEM)
    (target / "server.crt").write_bytes(chain)
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(target / "server.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(written)


if __name__ == "__main__":
    renew(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
