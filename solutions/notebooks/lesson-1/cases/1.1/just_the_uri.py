# expect: fail not-a-connection
shop = f"postgres://{me.shop.user}:{me.shop.password}@{me.shop.host}:{me.shop.port}/{me.shop.database}"
