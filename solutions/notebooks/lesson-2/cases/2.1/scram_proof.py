# expect: fail proof-for-password
for each in tapes.values():
    got = loot([each])
    if got.scram:
        stolen = (got.user, got.scram[2].split(",p=")[1])
