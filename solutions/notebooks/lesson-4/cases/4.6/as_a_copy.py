# expect: full
from airlock.lab.incidents import causes

why = causes(me.view)
why = {letter: f" {cause} " for letter, cause in why.items()}
