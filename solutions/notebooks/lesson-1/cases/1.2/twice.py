# expect: fail encoded-twice
again = quote(quote(me.courier.password, safe=''), safe='')
courier_uri = f"postgres://{me.courier.user}:{again}@{me.courier.host}:{me.courier.port}/{me.courier.database}"
