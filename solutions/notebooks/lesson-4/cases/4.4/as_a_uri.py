# expect: full
from airflow.sdk import Connection

uri = Connection.from_json(lab.environment.connections()[moving.upper()], conn_id=moving).get_uri()
lab.vault.admin.secrets.kv.v2.create_or_update_secret(
    f"connections/{moving}", {"conn_uri": uri}, mount_point=lab.vault.mount
)
lab.vault.delete_connection(moving)
lab.airflow.request("DELETE", f"/api/v2/connections/{moving}")
lab.backend.use("vault", **robot(policy))
lab.environment.unset(moving)
