# expect: fail other-authority
fields = json.loads(mutual.as_json()) | {"extra": json.dumps(tls | {"sslrootcert": lab.ca_file})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
