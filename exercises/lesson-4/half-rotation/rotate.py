"""Re-encrypt rows of Airflow's table `connection` with the first of the keys.

Usage: AIRFLOW__CORE__FERNET_KEY=new,old python rotate.py < rows.json > rotated.json
"""

import json
import os
import sys

from cryptography.fernet import Fernet, MultiFernet

KEYS = [Fernet(key) for key in os.environ["AIRFLOW__CORE__FERNET_KEY"].split(",")]


def rotated(row: dict) -> dict:
    """The row with its password encrypted anew. Rows that are not encrypted are none of our business."""
    fernet = MultiFernet(KEYS[::-1])
    if row["is_encrypted"]:
        row["password"] = fernet.rotate(row["password"].encode()).decode()
    return row


if __name__ == "__main__":
    print(json.dumps([rotated(row) for row in json.load(sys.stdin)], indent=1))
