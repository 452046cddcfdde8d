# expect: full
issued = lab.pki.issue()
server.install(certificate=issued.certificate, key=issued.key)
(server.folder / "pg_hba.conf").write_text("hostssl all all localhost scram-sha-256\n")
server.restart()
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
