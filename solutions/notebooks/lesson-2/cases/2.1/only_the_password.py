# expect: fail no-pair
for each in tapes.values():
    if loot([each]).password:
        stolen = loot([each]).password
