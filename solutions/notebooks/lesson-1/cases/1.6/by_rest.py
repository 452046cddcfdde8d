# expect: full
import time

path = "/api/v2/dags/orders_report/dagRuns"
conf = {"conn_id": me.conn_id("shop"), "team": me.team}
run = lab.airflow.request("POST", path, {"logical_date": None, "conf": conf}).json()
while run["state"] not in ("success", "failed"):
    time.sleep(0.3)
    run = lab.airflow.request("GET", f"{path}/{run['dag_run_id']}").json()
