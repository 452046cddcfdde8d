# expect: fail plus-for-space
from urllib.parse import quote_plus

courier_uri = f"postgres://{me.courier.user}:{quote_plus(me.courier.password)}@{me.courier.host}:{me.courier.port}/{me.courier.database}"
