# expect: fail masked-password
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
lab.airflow.request("POST", "/api/v2/connections", row)
copy = lab.airflow.request("GET", f"/api/v2/connections/{row['connection_id']}").json()
lab.airflow.request("DELETE", f"/api/v2/connections/{row['connection_id']}")
lab.airflow.request("POST", "/api/v2/connections", {name: copy[name] for name in row})
