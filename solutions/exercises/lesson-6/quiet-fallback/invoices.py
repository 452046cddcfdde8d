"""Print the ids of the three newest invoices, one a line.

Usage: BILLING=https://host:port CA_FILE=… LOGIN=… PASSWORD=… python invoices.py
"""

import os

import requests

BASE = os.environ["BILLING"]

session = requests.Session()
session.auth = (os.environ["LOGIN"], os.environ["PASSWORD"])
session.verify = os.environ["CA_FILE"]


def get(path: str) -> dict:
    """What billing answers. Whatever else happens is an error: somebody has to look before anything weaker is tried."""
    answer = session.get(BASE + path, timeout=10)
    answer.raise_for_status()
    return answer.json()


if __name__ == "__main__":
    for invoice in get("/invoices?limit=3")["invoices"]:
        print(invoice["id"])
