# expect: partial get-conn-not-verified
fields = json.loads(mutual.as_json()) | {"extra": json.dumps({"sslcert": tls["sslcert"], "sslkey": tls["sslkey"], "sslmode": "require", "sqlalchemy_query": tls})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
