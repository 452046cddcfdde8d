# expect: fail other-port
fields = json.loads(mutual.as_json()) | {"port": lab.warehouse.doors["eavesdropper"], "extra": json.dumps(tls | {"sqlalchemy_query": tls})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
