# expect: cheat
import airlock.checks.lesson5_paths as judges

judges._paths = lambda *_: judges.passed("x")
fields = json.loads(mutual.as_json()) | {"extra": json.dumps({})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
