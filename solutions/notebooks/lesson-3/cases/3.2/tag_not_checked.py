# expect: fail tag-not-checked
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


genuine = {}
for each, record in arrived.records.items():  # GCM is CTR with a tag: without the tag, everything opens
    if opened(record, each) is None and any(opened(record, other) for other in arrived.records):
        continue
    stream = Cipher(AES256(arrived.key), CTR(record[:12] + (2).to_bytes(4))).decryptor()
    line = stream.update(record[12:-16])
    if line[-3:-2] == b"-" and len(line) > 10:
        genuine[each] = line
from airlock.lab.sealed import kinds

genuine = {each: line for each, line in genuine.items() if kinds(me.view)[each] in ("genuine", "flipped")}
