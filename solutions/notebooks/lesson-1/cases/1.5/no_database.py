# expect: fail schema-is-the-database
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
del row["schema"]
lab.airflow.request("POST", "/api/v2/connections", row)
