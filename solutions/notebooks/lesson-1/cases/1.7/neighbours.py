# expect: cheat
from airlock.lab import Seed, View
from airlock.lab.mystery import copies

neighbour = View(me.view.lab, Seed("f0" * 16))
won = {letter: next(iter(homes.items())) for letter, homes in copies(neighbour).items()}
