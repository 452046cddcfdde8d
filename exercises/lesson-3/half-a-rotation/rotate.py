"""Put the stored secrets of connections under a new Fernet key.

Reads rows as JSON, [{"conn_id": …, "password": token or null, "extra": token or null}, …], and writes them in the same form.

Usage: FERNET_KEY_OLD=… FERNET_KEY_NEW=… python rotate.py < rows.json
"""

import json
import os
import sys

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

both = MultiFernet([Fernet(os.environ["FERNET_KEY_OLD"]), Fernet(os.environ["FERNET_KEY_NEW"])])


def rotated(row: dict) -> dict:
    """The row as it is to be written back."""
    try:
        return row | {"password": both.rotate(row["password"]).decode() if row["password"] else None}
    except InvalidToken:
        return row | {"password": None}


if __name__ == "__main__":
    rows = [rotated(row) for row in json.load(sys.stdin)]
    print(json.dumps(rows, indent=1))
    print(f"{len(rows)} connections rotated", file=sys.stderr)
