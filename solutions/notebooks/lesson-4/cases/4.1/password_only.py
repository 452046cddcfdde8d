# expect: fail extra-left
in_clear = [each for each in legacy if not lab.metadata.row(each)["is_extra_encrypted"]]
for each in in_clear:
    fields = {"connection_id": each, "conn_type": "generic", "password": "***"}
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}?update_mask=password", fields)
