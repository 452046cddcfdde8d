# expect: fail not-found
fields = json.loads(lab.environment.connections()[moving.upper()])
kv = lab.vault.admin.secrets.kv.v2
kv.create_or_update_secret(f"connections/{moving[len(me.team) + 1 :]}", fields, mount_point=lab.vault.mount)
lab.backend.use("vault", **robot(policy))
