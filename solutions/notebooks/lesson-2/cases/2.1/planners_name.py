# expect: fail other-session
for each in tapes.values():
    if loot([each]).password:
        stolen = (f"planner_{me.team}", loot([each]).password)
