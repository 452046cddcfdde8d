import json
import os
import sys

from cryptography.fernet import Fernet, InvalidToken

old, new = Fernet(os.environ["FERNET_KEY_OLD"]), Fernet(os.environ["FERNET_KEY_NEW"])
rows = json.load(sys.stdin)
for row in rows:
    for column in ("password", "extra"):
        if not row[column]:
            continue
        for key in (new, old):
            try:
                row[column] = new.encrypt(key.decrypt(row[column])).decode()
                break
            except InvalidToken:
                pass
        else:
            sys.stderr.write(f"{row['conn_id']} {column}\n")
json.dump(rows, sys.stdout)
