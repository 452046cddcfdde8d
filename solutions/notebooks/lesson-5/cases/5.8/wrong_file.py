# expect: fail file-missing
fields = json.loads(mutual.as_json()) | {"extra": json.dumps(tls | {"sslrootcert": "root.crt"})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
