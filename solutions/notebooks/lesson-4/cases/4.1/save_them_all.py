# expect: full
in_clear = []
for each in legacy:
    row = lab.metadata.row(each)
    if not (row["is_encrypted"] or not row["password"]) or not row["is_extra_encrypted"]:
        in_clear.append(each)
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", lab.airflow.request("GET", f"/api/v2/connections/{each}").json())
