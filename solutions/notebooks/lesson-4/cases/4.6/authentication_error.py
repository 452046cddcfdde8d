# expect: fail authentication-error
from airlock.lab.incidents import causes

why = causes(me.view)
why = {letter: "login" if cause == "refused" else cause for letter, cause in why.items()}
