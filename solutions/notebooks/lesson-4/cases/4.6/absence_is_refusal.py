# expect: partial absence-is-refusal
from airlock.lab.incidents import causes

why = causes(me.view)
why = {letter: "refused" if cause == "absent" else cause for letter, cause in why.items()}
