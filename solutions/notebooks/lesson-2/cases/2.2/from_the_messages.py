# expect: full
for each in tapes.values():
    messages = list(decode(each.messages))
    if str(messages[0].get("user")).startswith("planner"):
        statement = [m.get("query") for m in messages if m.get("query")][0]
