# expect: fail wrong-password
for each in tapes.values():
    got = loot([each])
    if got.password:
        stolen = (got.user, got.password[:-1])
