# expect: fail not-defined
lab.airflow.request("DELETE", f"/api/v2/connections/{me.conn_id('shop')}")
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})
