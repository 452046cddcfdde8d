import os
import re
import sys
from datetime import datetime, timezone

from cryptography.x509 import load_pem_x509_certificate

MARK = b"-----BEGIN CERTIFICATE-----"
BLOCK = re.compile(MARK + b".*?-----END CERTIFICATE-----", re.DOTALL)
now = datetime.now(timezone.utc)

for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as stream:
            text = stream.read()
        verdict = ""
        blocks = BLOCK.findall(text)
        if len(blocks) < text.count(MARK):
            verdict = "unreadable"
        for block in blocks:
            try:
                each = load_pem_x509_certificate(block)
            except ValueError:
                verdict = "unreadable"
                break
            third = (each.not_valid_after_utc - each.not_valid_before_utc) / 3
            if now > each.not_valid_after_utc - third:
                verdict = "renew"
        if verdict:
            print(verdict, os.path.relpath(path, sys.argv[1]))
