# expect: full
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("nothing"), "team": me.team})
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})
