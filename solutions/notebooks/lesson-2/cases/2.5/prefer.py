# expect: partial gives-in
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "prefer"})
