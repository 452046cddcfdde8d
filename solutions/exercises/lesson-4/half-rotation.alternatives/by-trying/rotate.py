import json
import os
import sys

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

new, *rest = os.environ["AIRFLOW__CORE__FERNET_KEY"].split(",")
both = MultiFernet([Fernet(new), *map(Fernet, rest)])


def anew(value):
    try:
        return both.rotate(value.encode()).decode()
    except InvalidToken:
        return Fernet(new).encrypt(value.encode()).decode()


for row in (rows := json.load(sys.stdin)):
    for column, flag in (("password", "is_encrypted"), ("extra", "is_extra_encrypted")):
        if row[column]:
            row |= {column: anew(row[column]), flag: True}
print(json.dumps(rows))
