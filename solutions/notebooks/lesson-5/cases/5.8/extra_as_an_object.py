# expect: full
fields = json.loads(mutual.as_json()) | {"extra": tls | {"sqlalchemy_query": tls}}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
