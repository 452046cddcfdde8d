# expect: full
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
action = {"action": "create", "action_on_existence": "overwrite", "entities": [row]}
lab.airflow.request("PATCH", "/api/v2/connections", {"actions": [action]})
