import json
import os
import sys
import time

from cryptography.fernet import Fernet

try:
    now = int(time.time())
    ticket = json.loads(Fernet(os.environ["TICKET_KEY"]).decrypt_at_time(sys.stdin.read().strip(), 600, now))
    assert ticket["dag"] == sys.argv[1], "for another DAG"
except Exception as error:
    sys.exit(f"refused: {type(error).__name__} {error}")
print("start " + ticket["dag"])
