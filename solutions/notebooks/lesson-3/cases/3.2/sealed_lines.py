# expect: fail other-line
def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


genuine = {each: record for each, record in arrived.records.items() if opened(record, each)}
