# expect: fail backend-not-used
fields = json.loads(lab.environment.connections()[moving.upper()])
kv = lab.vault.admin.secrets.kv.v2
kv.create_or_update_secret(f"connections/{moving}", fields, mount_point=lab.vault.mount)
