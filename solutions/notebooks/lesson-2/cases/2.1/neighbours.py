# expect: cheat
from airlock.lab import Seed, View
from airlock.lab.overheard import CLERK, login

other = login(View(me.view.lab, Seed("f0" * 16)), CLERK)
stolen = (other.user, other.password)
