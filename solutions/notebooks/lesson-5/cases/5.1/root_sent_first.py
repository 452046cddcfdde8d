# expect: fail chain-order
root = issue("root", ca=True)
inter = issue("office", root, ca=True)
server = issue("server", inter, hosts=names, purpose=Use.SERVER_AUTH)
client = issue(login, inter, purpose=Use.CLIENT_AUTH)
pem = {
    "root": root.pem,
    "root key": root.key_pem,
    "server": inter.pem + server.pem,
    "server key": server.key_pem,
    "client": client.pem + inter.pem,
    "client key": client.key_pem,
}
