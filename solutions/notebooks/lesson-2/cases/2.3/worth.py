# expect: fail other-column
code = next(loot([each]).rows[0][0] for each in tapes.values() if loot([each]).user.startswith("planner"))
