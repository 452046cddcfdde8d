# expect: fail no-text
statement = next(loot([each]).sql for each in tapes.values() if loot([each]).user.startswith("planner"))
