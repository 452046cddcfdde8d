"""Renew the server's certificate: python renew.py <authority's folder> <where to write> <name> [<name> …]

Writes server.crt and server.key. The authority's folder holds root.crt, office.crt and office.key.
"""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
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
    key, now = rsa.generate_private_key(65537, 2048), datetime.now(timezone.utc)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
        .issuer_name(office.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(office_key, SHA256())
    )
    (target / "server.crt").write_bytes(leaf.public_bytes(Encoding.PEM) + (authority / "office.crt").read_bytes())
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (target / "server.key").touch(mode=0o600)
    (target / "server.key").write_bytes(written)


if __name__ == "__main__":
    renew(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
