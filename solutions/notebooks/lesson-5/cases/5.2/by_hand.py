# expect: full
(lab.warehouse.folder / "server.crt").write_text(pem["server"])
(lab.warehouse.folder / "server.key").touch(mode=0o600)
(lab.warehouse.folder / "server.key").write_text(pem["server key"])
for name in ("server.crt", "server.key"):
    owner = (lab.warehouse.folder / "postgresql.conf").stat()
    os.chown(lab.warehouse.folder / name, owner.st_uid, owner.st_gid)
with (lab.warehouse.folder / "postgresql.conf").open("a") as file:
    file.write("ssl = on\nssl_min_protocol_version = 'TLSv1.3'\n")
(lab.warehouse.folder / "pg_hba.conf").write_text(f"hostssl {lab.warehouse.login.database} {login} samehost scram-sha-256\n")
lab.warehouse.reload()
