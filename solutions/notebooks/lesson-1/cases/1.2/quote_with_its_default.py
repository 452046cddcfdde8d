# expect: fail slash-not-encoded
courier_uri = f"postgres://{me.courier.user}:{quote(me.courier.password)}@{me.courier.host}:{me.courier.port}/{me.courier.database}"
