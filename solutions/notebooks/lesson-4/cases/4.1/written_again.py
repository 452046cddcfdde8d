# expect: full
in_clear = {each for each in legacy if not str(lab.metadata.row(each)["extra"]).startswith("gAAAA")}
for each in in_clear:
    row = lab.metadata.row(each)
    fields = {"connection_id": each, "conn_type": "generic", "extra": row["extra"]}
    if not row["is_encrypted"]:
        fields["password"] = row["password"]
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", fields)
