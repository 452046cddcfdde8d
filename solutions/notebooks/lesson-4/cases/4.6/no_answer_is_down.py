# expect: fail no-trust-is-down
from airlock.lab.incidents import causes

why = causes(me.view)
why = {letter: "down" if cause == "untrusted" else cause for letter, cause in why.items()}
