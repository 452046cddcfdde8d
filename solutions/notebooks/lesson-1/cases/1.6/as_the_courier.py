# expect: fail other-login
lab.environment.set(me.conn_id("shop"), courier.get_uri())
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})
