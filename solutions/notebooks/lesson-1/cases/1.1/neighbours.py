# expect: cheat
from airlock.lab import Seed, View

neighbour = View(me.view.lab, Seed("f0" * 16))
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=neighbour.shop.host,
    port=neighbour.shop.port,
    schema=neighbour.shop.database,
    login=neighbour.shop.user,
    password=neighbour.shop.password,
    extra=json.dumps({"application_name": me.word("desk")}),
)
