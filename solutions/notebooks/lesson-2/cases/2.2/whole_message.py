# expect: fail whole-message
for each in tapes.values():
    if loot([each]).user.startswith("planner"):
        statement = next(m.raw for m in decode(each.messages) if m.get("query")).decode()
