# expect: fail switched-off
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
server.stop()
