# expect: partial not-renewed
server.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
server.reload()
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
