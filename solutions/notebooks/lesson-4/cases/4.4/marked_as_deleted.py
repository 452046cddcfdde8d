# expect: fail only-marked-as-deleted
fields = json.loads(lab.environment.connections()[moving.upper()])
kv = lab.vault.admin.secrets.kv.v2
kv.create_or_update_secret(f"connections/{moving}", fields, mount_point=lab.vault.mount)
lab.backend.use("vault", **robot(policy))
lab.environment.unset(moving)
lab.airflow.request("DELETE", f"/api/v2/connections/{moving}")
from airlock.lab.vault import root

root(me.view.lab).secrets.kv.v2.delete_latest_version_of_secret(
    f"connections/{moving}", mount_point=me.view.lab.vault.mount
)
