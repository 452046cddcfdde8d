# expect: fail one-for-both
root = issue("root", ca=True)
inter = issue("office", root, ca=True)
server = issue("server", inter, hosts=names, purpose=Use.SERVER_AUTH)
server = issue(login, inter, hosts=names)
client = server
pem = {
    "root": root.pem,
    "root key": root.key_pem,
    "server": server.pem + inter.pem,
    "server key": server.key_pem,
    "client": client.pem + inter.pem,
    "client key": client.key_pem,
}
