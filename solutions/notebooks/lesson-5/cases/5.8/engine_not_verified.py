# expect: partial engine-not-verified
fields = json.loads(mutual.as_json()) | {"extra": json.dumps(tls | {"sqlalchemy_query": tls | {"sslmode": "require", "sslrootcert": ""}})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
