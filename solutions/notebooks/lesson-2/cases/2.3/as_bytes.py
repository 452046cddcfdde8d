# expect: full
code = next(loot([each]).rows[0][1] for each in tapes.values() if loot([each]).user.startswith("planner")).encode()
