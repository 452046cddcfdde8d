# expect: fail hash-for-password
for each in tapes.values():
    got = loot([each])
    if got.hash:
        stolen = (got.user, got.hash.split(":")[0])
