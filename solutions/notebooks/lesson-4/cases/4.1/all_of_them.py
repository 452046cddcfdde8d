# expect: cheat
in_clear = legacy
for each in legacy:
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", lab.airflow.request("GET", f"/api/v2/connections/{each}").json())
