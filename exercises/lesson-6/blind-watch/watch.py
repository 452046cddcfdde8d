"""Name the files whose certificate has to be renewed, one line each: `renew <path below the folder>`.

Usage: python watch.py FOLDER
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

FOLDER = Path(sys.argv[1])


def due(file: Path) -> bool:
    """Whether the certificate in the file ends within thirty days."""
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return certificate.not_valid_after - datetime.now() < timedelta(days=30)


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.crt")):
        if due(file):
            print("renew", file.name)
