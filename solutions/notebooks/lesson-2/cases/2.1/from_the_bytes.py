# expect: full
import re

for each in tapes.values():
    sent = b"".join(chunk.data for chunk in each.messages if chunk.sender == "client")
    user = re.search(rb"user\0([^\0]+)\0", sent)
    answer = re.search(rb"p\0\0\0.([A-Za-z0-9]+)\0", sent)
    if user and answer and not answer[1].startswith(b"md5") and b"SCRAM" not in sent:
        stolen = (user[1].decode(), answer[1].decode())
