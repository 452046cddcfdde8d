# expect: fail sealed-is-down
from airlock.lab.incidents import causes

why = causes(me.view)
why = {letter: "down" if cause == "sealed" else cause for letter, cause in why.items()}
