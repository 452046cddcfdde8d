# expect: partial engine-left-out
fields = json.loads(mutual.as_json()) | {"extra": json.dumps(tls)}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
