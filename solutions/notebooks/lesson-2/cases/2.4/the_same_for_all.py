# expect: cheat
leaks = {letter: {"sql", "rows"} for letter in "abcd"}
