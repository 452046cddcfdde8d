# expect: fail unknown-cause
why = dict.fromkeys("abcdef", "it does not work")
