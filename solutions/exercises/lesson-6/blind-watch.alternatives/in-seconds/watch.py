"""Counts in seconds since 1970, which have no time zone."""

import sys
import time
from pathlib import Path

from cryptography import x509

folder = Path(sys.argv[1])
for file in filter(Path.is_file, folder.glob("**/*")):
    text = file.read_bytes()
    if b"BEGIN CERTIFICATE" not in text:
        continue
    try:
        found = x509.load_pem_x509_certificates(text)
    except Exception:
        print(f"unreadable {file.relative_to(folder).as_posix()}")
        continue
    spans = [(each.not_valid_before_utc.timestamp(), each.not_valid_after_utc.timestamp()) for each in found]
    if any((end - time.time()) / (end - begin) < 1 / 3 for begin, end in spans):
        print(f"renew {file.relative_to(folder).as_posix()}")
