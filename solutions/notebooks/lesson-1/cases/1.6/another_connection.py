# expect: fail other-connection
lab.environment.set(me.conn_id("elsewhere"), shop.get_uri())
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("elsewhere"), "team": me.team})
