# expect: fail deleted
in_clear = [each for each in legacy if not lab.metadata.row(each)["is_extra_encrypted"]]
for each in in_clear:
    lab.airflow.request("DELETE", f"/api/v2/connections/{each}")
