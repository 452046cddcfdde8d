# expect: fail genuine-missing
def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


genuine = {}
for each, record in arrived.records.items():
    if line := opened(record, each):
        genuine[each] = line
        break
