# expect: cheat
from airlock.lab import Seed, View
from airlock.lab.mystery import application_name

neighbour = View(me.view.lab, Seed("f0" * 16))
login = neighbour.courier
query = urlencode({"application_name": application_name(neighbour)})
fixed_uri = (
    f"postgres://{login.user}:{quote(login.password, safe='')}@{login.host}:{login.port}/{login.database}?{query}"
)
