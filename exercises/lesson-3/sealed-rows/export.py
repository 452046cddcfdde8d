"""Seal the rows of the nightly export, each on its own, and open them again.

Usage: EXPORT_KEY=<64 hex digits> python export.py seal < rows.json > sealed.json
       EXPORT_KEY=<64 hex digits> python export.py open < sealed.json
"""

import base64
import json
import os
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = bytes.fromhex(os.environ["EXPORT_KEY"])
NONCE = b"nightly-2024"  # 12 bytes, as AES-GCM wants them


def seal(row_id: str, text: str) -> str:
    return base64.b64encode(AESGCM(KEY).encrypt(NONCE, text.encode(), None)).decode()


def unseal(row_id: str, sealed: str) -> str:
    return AESGCM(KEY).decrypt(NONCE, base64.b64decode(sealed), None).decode()


if __name__ == "__main__":
    work = {"seal": seal, "open": unseal}[sys.argv[1]]
    rows = json.load(sys.stdin)
    print(json.dumps({row_id: work(row_id, text) for row_id, text in rows.items()}, indent=1))
