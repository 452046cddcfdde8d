# expect: fail no-dict
def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


genuine = {each for each, record in arrived.records.items() if opened(record, each)}
