# expect: fail no-client-certificate
fields = json.loads(mutual.as_json()) | {"extra": json.dumps({"sslmode": "verify-full", "sslrootcert": tls["sslrootcert"]})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
