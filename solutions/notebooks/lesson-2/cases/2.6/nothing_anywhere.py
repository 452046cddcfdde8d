# expect: cheat
shown = {letter: set() for letter in "abcd"}
