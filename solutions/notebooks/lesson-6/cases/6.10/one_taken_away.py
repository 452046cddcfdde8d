# expect: fail connection-gone
first = lab.deployment.describe()["connections"][0]["conn_id"]
kv.delete_metadata_and_all_versions(f"connections/{first}", mount_point=lab.vault.mount)
stolen = lab.deployment.let_loose()
