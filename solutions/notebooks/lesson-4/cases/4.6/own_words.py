# expect: fail unknown-cause
from airlock.lab.incidents import causes

why = causes(me.view)
why = dict.fromkeys(why, "it does not work")
