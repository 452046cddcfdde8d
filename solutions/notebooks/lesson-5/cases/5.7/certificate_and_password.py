# expect: full
lab.warehouse.install(client_ca=pem["root"])
lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full")
lab.warehouse.reload()
for file, part in {"root.crt": "root", "client.crt": "client", "client.key": "client key"}.items():
    (files / file).touch(mode=0o600)
    (files / file).write_text(pem[part])
tls = {
    "sslmode": "verify-full",
    "sslrootcert": str(files / "root.crt"),
    "sslcert": str(files / "client.crt"),
    "sslkey": str(files / "client.key"),
}
mutual = Connection(
    conn_id=me.conn_id("warehouse"),
    conn_type="postgres",
    host="localhost",
    port=lab.warehouse.port,
    login=login,
    password=lab.warehouse.login.password,
    schema=lab.warehouse.login.database,
    extra=json.dumps(tls),
)
