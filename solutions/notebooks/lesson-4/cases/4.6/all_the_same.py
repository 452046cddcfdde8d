# expect: cheat
why = dict.fromkeys("abcdef", "refused")
