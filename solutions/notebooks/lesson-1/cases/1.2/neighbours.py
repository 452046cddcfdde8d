# expect: cheat
from airlock.lab import Seed, View

neighbour = View(me.view.lab, Seed("f0" * 16))
login = neighbour.courier
courier_uri = f"postgres://{login.user}:{quote(login.password, safe='')}@{login.host}:{login.port}/{login.database}"
