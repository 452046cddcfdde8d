# expect: cheat
from airlock.lab import Seed, View

neighbour = View(me.view.lab, Seed("f0" * 16))
row = {
    "connection_id": me.conn_id("shop"),
    "conn_type": "postgres",
    "host": me.shop.host,
    "port": me.shop.port,
    "schema": me.shop.database,
    "login": me.shop.user,
    "password": me.shop.password,
}
lab.airflow.request("DELETE", f"/api/v2/connections/{row['connection_id']}")
row |= {"schema": neighbour.database, "login": neighbour.shop.user, "password": neighbour.shop.password}
lab.airflow.request("POST", "/api/v2/connections", row)
