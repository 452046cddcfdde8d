# expect: full
for each in tapes.values():
    if loot([each]).user.startswith("planner"):
        code = next(m.all("value")[-1] for m in decode(each.messages) if m.kind == "DataRow")
