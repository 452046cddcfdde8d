# expect: cheat
sealed = connection_of(me.courier, me.courier.port, {"sslmode": "require"})
