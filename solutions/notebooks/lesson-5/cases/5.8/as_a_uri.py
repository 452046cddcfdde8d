# expect: full
from urllib.parse import urlencode

extra = json.dumps(tls | {"application_name": "reports", "sqlalchemy_query": tls | {"application_name": "reports"}})
where = f"localhost:{lab.warehouse.port}/{lab.warehouse.login.database}"
lab.environment.set(me.conn_id("warehouse"), f"postgres://{login}@{where}?{urlencode({'__extra__': extra})}")
