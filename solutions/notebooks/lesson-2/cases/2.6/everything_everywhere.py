# expect: cheat
shown = {letter: {"backup", "api", "log", "xcom"} for letter in "abcd"}
