# expect: fail secret-changed
in_clear = [each for each in legacy if not lab.metadata.row(each)["is_extra_encrypted"]]
for each in in_clear:
    row = lab.airflow.request("GET", f"/api/v2/connections/{each}").json()
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", row | {"password": "hidden"})
