# expect: full
from urllib.parse import urlencode

extras = urlencode({"sslmode": "verify-ca", "sslrootcert": me.view.lab.ca_file})
who = f"{me.shop.user}:{me.shop.password}@{me.shop.host}:{me.shop.port}/{me.shop.database}"
sealed = Connection(conn_id="sealed", uri=f"postgres://{who}?{extras}")
