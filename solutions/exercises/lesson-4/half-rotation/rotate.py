"""Re-encrypt rows of Airflow's table `connection` with the first of the keys.

Usage: AIRFLOW__CORE__FERNET_KEY=new,old python rotate.py < rows.json > rotated.json
"""

import json
import os
import sys

from cryptography.fernet import Fernet, MultiFernet

# The first key encrypts, all of them decrypt.
FERNET = MultiFernet([Fernet(key.strip()) for key in os.environ["AIRFLOW__CORE__FERNET_KEY"].split(",")])
COLUMNS = {"password": "is_encrypted", "extra": "is_extra_encrypted"}


def rotated(row: dict) -> dict:
    """The row with both columns encrypted by the first key, whether they were encrypted before or not."""
    for column, flag in COLUMNS.items():
        if row[column]:
            value = row[column].encode()
            row[column] = (FERNET.rotate(value) if row[flag] else FERNET.encrypt(value)).decode()
            row[flag] = True
    return row


if __name__ == "__main__":
    print(json.dumps([rotated(row) for row in json.load(sys.stdin)], indent=1))
