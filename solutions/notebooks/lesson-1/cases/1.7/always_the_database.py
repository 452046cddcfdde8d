# expect: fail database-first
won = {}
for letter, conn_id in mystery.items():
    host = lab.airflow.request("GET", f"/api/v2/connections/{conn_id}").json()["host"]
    won[letter] = ("database", host)
