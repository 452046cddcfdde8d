# expect: cheat
leaks = {letter: {"password", "hash", "sql", "rows"} for letter in "abcd"}
