# expect: full
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "require", "channel_binding": "require"})
