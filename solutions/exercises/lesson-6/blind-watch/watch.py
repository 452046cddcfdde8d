"""Name the files with a certificate that has to be renewed, one line each: `renew <path below the folder>`.

Usage: python watch.py FOLDER
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

FOLDER = Path(sys.argv[1])
BEGIN = b"-----BEGIN CERTIFICATE-----"


def due(certificate: x509.Certificate) -> bool:
    """Whether less than a third of the certificate's lifetime is left."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - datetime.now(UTC) < life / 3


if __name__ == "__main__":
    for file in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        if BEGIN not in (content := file.read_bytes()):
            continue
        try:
            certificates = x509.load_pem_x509_certificates(content)
        except ValueError:
            print("unreadable", file.relative_to(FOLDER))
            continue
        if any(map(due, certificates)):
            print("renew", file.relative_to(FOLDER))
