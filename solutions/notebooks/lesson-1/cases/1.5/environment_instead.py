# expect: fail other-home
lab.environment.set(me.conn_id("shop"), shop.get_uri())
