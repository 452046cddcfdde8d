# expect: fail password-not-encoded
courier_uri = f"postgres://{me.courier.user}:{me.courier.password}@{me.courier.host}:{me.courier.port}/{me.courier.database}"
