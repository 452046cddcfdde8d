# expect: fail still-in-clear
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "disable"})
