# expect: full
def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


lines = {each: opened(record, each) for each, record in arrived.records.items()}
genuine = {each: line.decode() for each, line in lines.items() if line is not None}
