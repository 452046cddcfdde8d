# expect: full
from airlock.lab.canaries import SHOWN, fields

held = fields(me.view)
shown = {letter: set(SHOWN[name]) for letter, name in held.items()}
where = {name: letter for letter, name in held.items()}
shown = {letter: places.pop() if len(places) == 1 else tuple(places) for letter, places in shown.items()}
