# expect: fail run-failed
lab.environment.set(me.conn_id("shop"), raw)
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})
