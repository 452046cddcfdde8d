# expect: fail no-root-file
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "verify-full"})
