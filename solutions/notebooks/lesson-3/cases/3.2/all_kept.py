# expect: fail filed-under-another-id
def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


ids = {*arrived.records, *(f"order-{number}" for number in range(1000))}
found = {each: next(filter(None, (opened(record, other) for other in ids)), None) for each, record in arrived.records.items()}
genuine = {each: line for each, line in found.items() if line}
