"""Tries again what may pass by itself, each time in the same way; a certificate that does not verify is the end."""

import os
import sys
import time

import requests

BASE = os.environ["BILLING"]

with requests.Session() as session:
    session.auth = (os.environ["LOGIN"], os.environ["PASSWORD"])
    session.verify = os.environ["CA_FILE"]
    for seconds in (0.1, 0.2, None):
        try:
            answer = session.get(f"{BASE}/invoices", params={"limit": 3}, timeout=10)
            break
        except requests.exceptions.SSLError as error:
            sys.exit(f"billing cannot prove who it is: {error}")
        except requests.ConnectionError:
            if seconds is None:
                raise
            time.sleep(seconds)

answer.raise_for_status()
print(*(invoice["id"] for invoice in answer.json()["invoices"]), sep="\n")
