# expect: full
statement = next(loot([each]).sql[0] for each in tapes.values() if loot([each]).user.startswith("planner"))
statement = f"\n{statement} ;\n"
