# expect: cheat
why = dict.fromkeys("abcdef", "expired")
