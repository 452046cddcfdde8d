# expect: full
for entry in lab.deployment.describe()["connections"]:
    if entry["conn_type"] == "postgres" and not entry["host"].startswith("/"):
        stricter = {**entry, "extra": entry["extra"] | {"channel_binding": "require"}}
        fields = {name: stricter[name] for name in stricter if name not in ("conn_id", "home")}
        kv.create_or_update_secret(f"connections/{entry['conn_id']}", fields, mount_point=lab.vault.mount)
stolen = lab.deployment.let_loose()
