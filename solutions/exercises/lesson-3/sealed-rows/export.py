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
NONCE = 12
"""Bytes of a nonce, in front of each sealed row."""


def seal(row_id: str, text: str) -> str:
    nonce = os.urandom(NONCE)
    return base64.b64encode(nonce + AESGCM(KEY).encrypt(nonce, text.encode(), row_id.encode())).decode()


def unseal(row_id: str, sealed: str) -> str:
    raw = base64.b64decode(sealed)
    return AESGCM(KEY).decrypt(raw[:NONCE], raw[NONCE:], row_id.encode()).decode()


if __name__ == "__main__":
    work = {"seal": seal, "open": unseal}[sys.argv[1]]
    rows = json.load(sys.stdin)
    print(json.dumps({row_id: work(row_id, text) for row_id, text in rows.items()}, indent=1))
