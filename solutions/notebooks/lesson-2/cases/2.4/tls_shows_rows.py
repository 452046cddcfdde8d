# expect: fail tls-leaks
seen = {letter: loot([tape]) for letter, tape in tapes.items()}
leaks = {}
for letter, got in seen.items():
    leaks[letter] = {kind for kind in ("password", "hash", "sql", "rows") if getattr(got, kind)}
    leaks[letter] |= {"rows"}
