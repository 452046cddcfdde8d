# expect: fail nothing-opened
genuine = {}
for each, record in arrived.records.items():
    try:
        genuine[each] = AESGCM(arrived.key).decrypt(record[:12], record[12:], None)
    except InvalidTag:
        pass
