"""The same with the age computed here, from the time that the token itself carries under its HMAC."""

import json
import os
import sys
import time

from cryptography.fernet import Fernet, InvalidToken


def refusal(dag, ticket):
    key = os.environ.get("TICKET_KEY")
    if not key:
        return "no key"
    lock = Fernet(key)
    try:
        content = lock.decrypt(ticket)  # first: before this, nothing in the token is to be believed
    except InvalidToken:
        return "not made with our key"
    age = time.time() - lock.extract_timestamp(ticket)
    if not -60 <= age <= 600:
        return "too old, or from the future"
    if json.loads(content).get("dag") != dag:
        return "for another DAG"
    return None


why = refusal(sys.argv[1], sys.stdin.buffer.read().strip())
if why:
    print("refused:", why, file=sys.stderr)
    raise SystemExit(2)
print("start", sys.argv[1])
