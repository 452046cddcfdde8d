import json
import os
import sys

from cryptography.fernet import Fernet, MultiFernet

keys = [Fernet(key) for key in os.environ["AIRFLOW__CORE__FERNET_KEY"].split(",")]
rows = json.load(sys.stdin)
for row in rows:
    for column, flag in (("password", "is_encrypted"), ("extra", "is_extra_encrypted")):
        if row[column] is None:
            continue
        text = MultiFernet(keys).decrypt(row[column]) if row[flag] else row[column].encode()
        row[column], row[flag] = keys[0].encrypt(text).decode(), True
json.dump(rows, sys.stdout)
