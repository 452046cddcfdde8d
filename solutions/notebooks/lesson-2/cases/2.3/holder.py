# expect: fail from-the-statement
mine = next(loot([each]).sql[0] for each in tapes.values() if loot([each]).user.startswith("planner"))
code = mine.split("'")[1]
