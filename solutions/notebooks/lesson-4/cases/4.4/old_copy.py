# expect: fail old-copy-moved
fields = json.loads(lab.environment.connections()[moving.upper()])
kv = lab.vault.admin.secrets.kv.v2
kv.create_or_update_secret(
    f"connections/{moving}", lab.vault.get_connection(moving), mount_point=lab.vault.mount
)
lab.backend.use("vault", **robot(policy))
