# expect: partial
sealed = connection_of(me.shop, me.shop.port, {})
