# expect: fail refusal-is-absence
from airlock.lab.incidents import causes

why = causes(me.view)
why = {letter: "absent" if cause == "refused" else cause for letter, cause in why.items()}
