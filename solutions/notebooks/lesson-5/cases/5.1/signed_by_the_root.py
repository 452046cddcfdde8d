# expect: full
root = issue("root", ca=True)
server = issue("server", root, hosts=names[::-1], purpose=Use.SERVER_AUTH)
client = issue(login, root, days=1)
pem = {
    "root": root.pem,
    "root key": root.key_pem,
    "server": server.pem,
    "server key": server.key_pem,
    "client": client.pem,
    "client key": client.key_pem,
}
