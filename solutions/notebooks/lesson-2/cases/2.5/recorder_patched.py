# expect: cheat
import airlock.checks.lesson2_links as judges

judges.loot = lambda connections: loot([])
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "disable"})
