# expect: fail cut-short
def opened(record: bytes, about: str):
    try:
        return AESGCM(arrived.key).decrypt(record[:12], record[12:], about.encode())
    except InvalidTag:
        return None


from airlock.lab.sealed import kinds, lines

genuine = {each: lines(me.view)[each] for each, kind in kinds(me.view).items() if kind in ("genuine", "cut")}
