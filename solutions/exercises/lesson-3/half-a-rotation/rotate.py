"""Put the stored secrets of connections under a new Fernet key.

Reads rows as JSON, [{"conn_id": …, "password": token or null, "extra": token or null}, …], and writes them in the same form.

Usage: FERNET_KEY_OLD=… FERNET_KEY_NEW=… python rotate.py < rows.json
"""

import json
import os
import sys

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# Decrypts with whichever key fits, encrypts with the first.
both = MultiFernet([Fernet(os.environ["FERNET_KEY_NEW"]), Fernet(os.environ["FERNET_KEY_OLD"])])
COLUMNS = ("password", "extra")


def rotated(row: dict) -> dict:
    """The row as it is to be written back."""
    return row | {column: renewed(row["conn_id"], row[column]) for column in COLUMNS}


def renewed(conn_id: str, token: str | None) -> str | None:
    """The token under the new key; as it is when no key opens it."""
    try:
        return both.rotate(token).decode() if token else token
    except InvalidToken:
        print(f"{conn_id}: neither key opens it, left as it is", file=sys.stderr)
        return token


if __name__ == "__main__":
    rows = [rotated(row) for row in json.load(sys.stdin)]
    print(json.dumps(rows, indent=1))
    print(f"{len(rows)} connections read", file=sys.stderr)
